import { openBackup } from "../catalog/open-backup.ts";
import { BackupError } from "../core/errors.ts";
import type { ConflictPolicy } from "../core/plan.ts";
import { createLimit } from "../io/limit.ts";
import type { RestoreChoices } from "../engine/restore-job.ts";
import { formatPlan } from "../report/format-plan.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { findTarget } from "./find-target.ts";
import { openSource, openTarget } from "./open-places.ts";
import { CONFIG_OPTION, EVENTS_OPTION, SOURCE_OPTIONS, TARGET_OPTION } from "./options.ts";
import { printReport, startRun } from "./start-run.ts";
import { chooseSource, loadWorkspace } from "./workspace.ts";

const CONFLICTS: readonly ConflictPolicy[] = ["fail", "skip", "replace", "append"];
const INDEXES: readonly RestoreChoices["index"][] = ["same", "auto", "none"];
const ALIASES: readonly RestoreChoices["aliases"][] = ["kept", "all", "none"];

export const restore: Command = defineCommand({
  name: "restore",
  summary: "Bring a backup back, and compare the rows",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  details: [
    "Into the source of the policy that made it, or the one that --source names. Rows are compared with the live rows of",
    "the backup, partition by partition; a difference is exit status 4, with the numbers.",
  ].join("\n"),
  options: {
    ...SOURCE_OPTIONS,
    ...TARGET_OPTION,
    collections: { type: "string", multiple: true, value: "GLOB", summary: "Only these, as database.name; may be repeated" },
    suffix: { type: "string", short: "s", value: "TEXT", summary: "Put behind every name" },
    rename: { type: "string", short: "r", multiple: true, value: "A:B", summary: "c1:c2, db1.c1:db2.c2 or db1.*:db2.*; may be repeated" },
    "on-conflict": { type: "string", value: "HOW", summary: "For names that are taken: fail (default), skip, replace or append" },
    index: { type: "string", value: "HOW", summary: "same (default), auto or none" },
    aliases: { type: "string", value: "WHICH", summary: "kept (default: of collections that keep their name), all or none" },
    load: { type: "boolean", summary: "Load what was loaded when the backup was made" },
    "dry-run": { type: "boolean", summary: "Check the backup, show the plan and stop" },
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
  },
  examples: [
    { command: "milvus-backup restore nightly_20261124_020000", does: "All of it, under the old names" },
    { command: "milvus-backup restore nightly_20261124_020000 --suffix _restored --load", does: "Beside what is there" },
    { command: "milvus-backup restore nightly_20261124_020000 --collections 'shop.*' --rename 'shop.*:drill.*'", does: "A database under another name" },
    { command: "milvus-backup restore b1 --target /mnt/nas --source localhost:19530 --source-storage /var/lib/milvus/data", does: "Without a config" },
  ],
  async run(deps, { names: [name = ""], options }) {
    const { json = false } = options;
    const request = {
      select: options.collections ?? [],
      suffix: options.suffix,
      renames: options.rename,
      onConflict: oneOf("on-conflict", options["on-conflict"] ?? "fail", CONFLICTS),
    };
    const choices: RestoreChoices = {
      index: oneOf("index", options.index ?? "same", INDEXES),
      aliases: oneOf("aliases", options.aliases ?? "kept", ALIASES),
      load: options.load ?? false,
    };
    const config = await loadWorkspace(deps, options);
    const { settings, entry } = await findTarget(config, name, { flags: options, deps });
    const policy = entry.policy === undefined ? undefined : config.policies.get(entry.policy);
    await using target = await openTarget(config, settings, deps);
    const opened = await openBackup(target.storage, name, { signal: deps.signal });
    await using source = await openSource(config, chooseSource(config, options, deps, policy?.source), deps);
    for (const warning of source.milvus.warnings) deps.warn(`warning: ${warning}`);
    const run = startRun(deps, { json });
    const { prepareRestore, runRestore } = await import("../engine/restore.ts");
    const { openMetaStore } = await import("../engine/meta-store.ts");
    await using metas = await openMetaStore(run.runId);
    const plan = await prepareRestore({ source, target, opened, metas, signal: deps.signal }, request);
    if (options["dry-run"]) {
      deps.print(json ? JSON.stringify(plan) : formatPlan(plan));
      return 0;
    }
    const { limits } = config;
    const job = { run, source, target, limits, objectLimit: createLimit(limits.objects) };
    return printReport(deps, await runRestore(plan, job, { opened, metas, request, choices }), { json });
  },
});

function oneOf<T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === text);
  if (found !== undefined) return found;
  throw new BackupError("usage", `--${flag} is ${allowed.join(", ")}, not ${JSON.stringify(text)}`);
}
