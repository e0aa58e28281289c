import type { LoadedConfig } from "../config/load-config.ts";
import { worstStatus } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import type { GcPlaces } from "./collect-garbage.ts";
import { defineCommand } from "./command.ts";
import type { Command, CommandDeps } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, readPlaces, SOURCE_OPTIONS } from "./options.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";

export const gc: Command = defineCommand({
  name: "gc",
  summary: "Show what is nobody's in targets; with --yes delete what an earlier pass found",
  operands: "[TARGET|POLICY…]",
  arity: { min: 0, max: Infinity },
  completes: "policies",
  details: [
    "Looks for deletions that were begun and not finished, objects that nothing in a backup of ours names, uploads that were never",
    "ended, what runs have left that nobody can go on with, locks and leases of the dead, checks and expired pins of backups that",
    "are gone, and temporary copies of restores and databases of drills that died, in the config's sources or in --source. Without",
    "names, in every target that a policy names.",
    "With --yes a pass finishes the deletions and notes what else it found; what an earlier pass had found as well, --min-age",
    "ago, and what is older than that itself, unchanged and nobody's still, is deleted, on record in the target. What is not",
    "ours, or cannot be told, is counted and named, never touched. A target where somebody works is locked (exit 11).",
  ].join("\n"),
  options: {
    yes: { type: "boolean", short: "y", summary: "Do it; without this, only say what would go" },
    "min-age": {
      type: "string",
      value: "DURATION",
      summary: "How long something must have been nobody's and unchanged; 24h when absent",
    },
    ...SOURCE_OPTIONS,
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
  },
  examples: [
    { command: "milvus-backup gc", does: "What is nobody's in all targets" },
    { command: "milvus-backup gc nas --yes", does: "A pass in one target: run it every day" },
    { command: "milvus-backup gc nightly --yes --min-age 7d", does: "In the targets of a policy, with more patience" },
    { command: "milvus-backup gc --json", does: "What there is, for programs" },
  ],
  async run(deps, { names, options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { chooseGcPlaces, collectTarget } = await import("./collect-garbage.ts");
    const { target: _, ...choices } = readPlaces(options);
    const config = await loadWorkspace(deps, { ...choices, target: names[0] });
    const places = chooseGcPlaces(config, { ...choices, targets: names, minAge: options["min-age"] }, deps);
    if (options.yes !== true) return await show(deps, { config, places, json: options.json });
    const { targetName } = await import("./open-places.ts");
    const statuses: ExitStatus[] = [];
    for (const settings of places.targets) {
      try {
        deps.signal.throwIfAborted();
        const report = await collectTarget(config, { ...places, settings }, toRunCaller(deps, options));
        statuses.push(printOutcome(deps, report, options));
      } catch (error) {
        statuses.push(deps.fail(error, { target: targetName(settings) }));
      }
    }
    return worstStatus(statuses);
  },
});

interface Showing {
  readonly config: LoadedConfig;
  readonly places: GcPlaces;
  readonly json: boolean | undefined;
}

/** One target that cannot be looked at hides nothing of the others. */
async function show(deps: CommandDeps, { config, places, json = false }: Showing): Promise<ExitStatus> {
  const { previewTarget } = await import("./collect-garbage.ts");
  const { targetName } = await import("./open-places.ts");
  const { formatGarbage } = await import("../report/format-garbage.ts");
  const summaries = [];
  const statuses: ExitStatus[] = [];
  for (const settings of places.targets) {
    try {
      summaries.push(await previewTarget(config, { ...places, settings }, deps));
    } catch (error) {
      deps.signal.throwIfAborted();
      statuses.push(deps.fail(error, { target: targetName(settings) }));
    }
  }
  deps.print(json ? JSON.stringify(summaries) : summaries.map(formatGarbage).join("\n\n"));
  return worstStatus(statuses);
}
