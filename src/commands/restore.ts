import { openBackup } from "../catalog/open-backup.ts";
import { createLimit } from "../io/limit.ts";
import { formatPlan } from "../report/format-plan.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { findTarget } from "./find-target.ts";
import { openSource, openTarget } from "./open-places.ts";
import { CONFIG_OPTION, EVENTS_OPTION, SOURCE_OPTIONS, TARGET_OPTION } from "./options.ts";
import { readRestoreFlags, RESTORE_OPTIONS } from "./restore-flags.ts";
import { printReport, startRun } from "./start-run.ts";
import { chooseSource, loadWorkspace } from "./workspace.ts";

export const restore: Command = defineCommand({
  name: "restore",
  summary: "Bring a backup back, and compare the rows",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  details: [
    "Into the source that it was made of, or the one that --source names. Rows are compared with the live rows of",
    "the backup, partition by partition; a difference is exit status 4, with the numbers.",
  ].join("\n"),
  options: {
    ...SOURCE_OPTIONS,
    ...TARGET_OPTION,
    ...RESTORE_OPTIONS,
    "dry-run": { type: "boolean", summary: "Check the backup, show the plan and stop" },
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
  },
  examples: [
    { command: "milvus-backup restore nightly_20261124_020000", does: "All of it, under the old names" },
    {
      command: "milvus-backup restore nightly_20261124_020000 --suffix _restored --load",
      does: "Beside what is there",
    },
    {
      command: "milvus-backup restore nightly_20261124_020000 --collections 'shop.*' --rename 'shop.*:drill.*'",
      does: "A database under another name",
    },
    {
      command:
        "milvus-backup restore b1 --target /mnt/nas --source localhost:19530 --source-storage /var/lib/milvus/data",
      does: "Without a config",
    },
  ],
  async run(deps, { names: [name = ""], options }) {
    const { json = false } = options;
    const flags = readRestoreFlags(options);
    const config = await loadWorkspace(deps, options);
    const { settings, entry } = await findTarget(config, name, { flags: options, deps });
    const origin = entry.source !== undefined && config.sources.has(entry.source) ? entry.source : undefined;
    await using target = await openTarget(config, settings, deps);
    const opened = await openBackup(target.storage, name, { signal: deps.signal });
    await using source = await openSource(config, chooseSource(config, { flags: options, deps }, origin), deps);
    for (const warning of source.milvus.warnings) deps.warn(`warning: ${warning}`);
    const run = startRun(deps, { json });
    const { prepareRestore, runRestore } = await import("../engine/restore.ts");
    const { openMetaStore } = await import("../engine/meta-store.ts");
    await using metas = await openMetaStore(run.runId);
    const plan = await prepareRestore({ source, target, opened, metas, signal: deps.signal }, flags.request);
    if (options["dry-run"]) {
      deps.print(json ? JSON.stringify(plan) : formatPlan(plan));
      return 0;
    }
    const job = { run, source, target, limits: config.limits, objectLimit: createLimit(config.limits.objects) };
    return printReport(deps, await runRestore(plan, job, { opened, metas, ...flags }), { json });
  },
});
