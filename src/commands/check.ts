import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/config.ts";
import { EXIT_STATUS, worstStatus } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import { checkTarget } from "../engine/check-target.ts";
import { toEventError } from "../core/event-error.ts";
import { formatTable } from "../report/table.ts";
import { defineCommand } from "./command.ts";
import type { Command, CommandDeps } from "./command.ts";
import { openSource, openTarget } from "./open-places.ts";
import { CONFIG_OPTION, JSON_OPTION, readPlaces, SOURCE_OPTIONS, TARGET_OPTION } from "./options.ts";
import { newRunId } from "./start-run.ts";
import { chooseSource, chooseTargets, loadWorkspace, targetOf } from "./workspace.ts";
import type { Choosing, SourcePlace } from "./workspace.ts";

export const check: Command = defineCommand({
  name: "check",
  summary: "The doctor: Milvus, its storage, the targets, the clocks",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  details: [
    "For each source: does Milvus answer, which version is it, and is the storage really its own (the files of a segment",
    "that it lists are there). For each target: a probe is written, read, copied and deleted.",
  ].join("\n"),
  options: { ...SOURCE_OPTIONS, ...TARGET_OPTION, ...CONFIG_OPTION, ...JSON_OPTION },
  examples: [
    { command: "milvus-backup check", does: "Everything that policies name" },
    { command: "milvus-backup check nightly", does: "What one policy needs" },
    {
      command: "milvus-backup check --source localhost:19530 --source-storage /var/lib/milvus/data --target /mnt/nas",
      does: "Without a config",
    },
  ],
  async run(deps, { names, options }) {
    const choices = readPlaces(options);
    const config = await loadWorkspace(deps, choices);
    const { sources, targets } = subjects(config, names, { choices, caller: deps });
    const findings: Finding[] = [];
    for (const place of sources) findings.push(...(await lookAtSource(config, place, deps)));
    for (const settings of targets) findings.push(...(await lookAtTarget(config, settings, deps)));
    deps.print(options.json ? JSON.stringify(findings) : toText(findings));
    return worstStatus(findings.flatMap(({ code }) => (code === undefined ? [] : [EXIT_STATUS[code]])));
  },
});

interface Subjects {
  readonly sources: readonly SourcePlace[];
  readonly targets: readonly StorageSettings[];
}

/** What the policies named here use; what is chosen; else what all policies use. */
function subjects(config: LoadedConfig, names: readonly string[], choosing: Choosing): Subjects {
  const named = names.map((name) => findPolicy(config, name));
  const policies = named.length > 0 ? named : [...config.policies.values()];
  const sources = new Set(policies.map(({ source }) => source));
  return {
    sources:
      choosing.choices.source !== undefined || sources.size === 0
        ? [chooseSource(config, choosing)]
        : [...sources].map((source) => chooseSource(config, choosing, source)),
    targets:
      choosing.choices.target !== undefined || policies.length === 0
        ? chooseTargets(config, choosing)
        : distinct(policies.map((policy) => targetOf(config, policy))),
  };
}

function distinct(targets: readonly StorageSettings[]): readonly StorageSettings[] {
  return [...new Map(targets.map((target) => [`${target.name}/${target.prefix}`, target])).values()];
}

async function lookAtSource(config: LoadedConfig, place: SourcePlace, deps: CommandDeps): Promise<readonly Finding[]> {
  return orFailure(`source ${place.source.name}`, deps, async () => {
    await using source = await openSource(config, place, deps);
    const { checkSource } = await import("../engine/check-source.ts");
    return await checkSource(source, { signal: deps.signal });
  });
}

async function lookAtTarget(
  config: LoadedConfig,
  settings: StorageSettings,
  deps: CommandDeps,
): Promise<readonly Finding[]> {
  return orFailure(`target ${settings.name}`, deps, async () => {
    await using target = await openTarget(config, settings, deps);
    return await checkTarget(target, { signal: deps.signal, now: deps.now, id: newRunId(deps.now()) });
  });
}

/** One thing that is out of reach does not keep the doctor from looking at the others; a bug does. */
async function orFailure(
  subject: string,
  { signal }: CommandDeps,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    signal.throwIfAborted();
    const { code, message, hint } = toEventError(error);
    if (code === "bug") throw error;
    return [{ subject, check: "reach", status: "failed", message, hint, code }];
  }
}

function toText(findings: readonly Finding[]): string {
  const rows = findings.map(({ subject, check: name, status, message }) => [status, subject, name, message]);
  const hints = findings.flatMap(({ subject, hint }) => (hint === undefined ? [] : [`${subject}: ${hint}`]));
  const table = formatTable([{ title: "STATUS" }, { title: "OF" }, { title: "CHECK" }, { title: "FOUND" }], rows);
  return [table, ...(hints.length > 0 ? ["", "What to change:", ...hints.map((hint) => `  ${hint}`)] : [])].join("\n");
}
