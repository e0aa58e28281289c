import { BackupError, worstStatus } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import { doomedOf } from "../core/prune-plan.ts";
import type { PruneDecision } from "../core/prune-plan.ts";
import { formatPlural } from "../core/quantities.ts";
import { formatTable } from "../report/table.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, POLICIES_OPTIONS, readPlaces } from "./options.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";

export const prune: Command = defineCommand({
  name: "prune",
  summary: "Delete what retention does not keep; without --yes only show it, and why",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  completes: "policies",
  details: [
    "Without --yes a line for each backup of the policy in each target that has retention, with every reason to keep it.",
    "With --yes those that nothing keeps are deleted, each looked at again before, and recorded in the target. When of one",
    "group more would go than maxDelete allows, nothing is deleted at all (exit 15); --max-delete confirms a number.",
    "run prunes by itself after a backup that is complete and whose checks passed.",
  ].join("\n"),
  options: {
    yes: { type: "boolean", short: "y", summary: "Do it; without this, only say what would go" },
    "max-delete": { type: "string", value: "N", summary: "How many may go of each policy in each target" },
    ...POLICIES_OPTIONS,
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
  },
  examples: [
    { command: "milvus-backup prune nightly", does: "What would go, what stays, and why" },
    { command: "milvus-backup prune nightly --yes", does: "Delete what nothing keeps" },
    { command: "milvus-backup prune nightly --yes --max-delete 12", does: "Also when that is more than usual" },
    { command: "milvus-backup prune --all --json", does: "What would go of every policy, for programs" },
  ],
  async run(deps, { names, options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { choosePolicies } = await import("./choose-policies.ts");
    const { decideAll, pruneGroup, refuseAny } = await import("./prune-policies.ts");
    const { yes = false, json = false } = options;
    const maxDelete = readCount(options["max-delete"]);
    const config = await loadWorkspace(deps, readPlaces(options));
    const groups = await decideAll(config, choosePolicies(config, { names, options }), deps);
    if (!yes) {
      const decisions = groups.map(({ decided: { backups: _backups, ...decision } }) => decision);
      deps.print(json ? JSON.stringify(decisions) : toText(decisions));
      return 0;
    }
    refuseAny(groups, maxDelete);
    const statuses: ExitStatus[] = [];
    for (const group of groups) {
      try {
        deps.signal.throwIfAborted();
        const report = await pruneGroup(config, group, toRunCaller(deps, options));
        if (report !== undefined) statuses.push(printOutcome(deps, report, options));
      } catch (error) {
        statuses.push(deps.fail(error, { policy: group.decided.policy, target: group.decided.target }));
      }
    }
    if (statuses.length === 0 && !json) deps.print(nothing(groups.length));
    return worstStatus(statuses);
  },
});

function readCount(text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,6}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new BackupError("usage", `Cannot delete at most ${JSON.stringify(text)}`, { hint: "say a number of backups" });
}

function nothing(groups: number): string {
  return groups === 0 ? NO_RETENTION : "Nothing is deleted: retention keeps every backup";
}

const NO_RETENTION = "No target of these policies has retention: nothing is ever pruned";

function toText(decisions: readonly PruneDecision[]): string {
  if (decisions.length === 0) return NO_RETENTION;
  return decisions.map(formatDecision).join("\n\n");
}

function formatDecision(decision: PruneDecision): string {
  const { policy, target, allowed, verdicts } = decision;
  const count = doomedOf(decision).length;
  const over = count > allowed ? `, more than the ${allowed} that may go at once` : "";
  const rows = verdicts.map(({ name, verdict, reasons }) => [name, verdict, reasons.join(", ")]);
  const table = formatTable([{ title: "NAME" }, { title: "VERDICT" }, { title: "WHY" }], rows);
  return `${policy} in ${target}: ${count} of ${formatPlural(verdicts.length, "backup")} would go${over}\n${table}`;
}
