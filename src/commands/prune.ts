import { formatPlural } from "../core/quantities.ts";
import { formatTable } from "../report/table.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION, POLICIES_OPTIONS, readPlaces } from "./options.ts";
import type { PruneDecision } from "./show-prune.ts";

export const prune: Command = defineCommand({
  name: "prune",
  summary: "Show what the retention of policies would delete, and why; deletes nothing",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  completes: "policies",
  details: [
    "A line for each backup of the policy in each target that has retention, with every reason to keep it. Pins and locks",
    "are not looked at yet, and nothing acts on what is decided: delete NAME --yes deletes one backup.",
  ].join("\n"),
  options: { ...POLICIES_OPTIONS, ...CONFIG_OPTION, ...JSON_OPTION },
  examples: [
    { command: "milvus-backup prune nightly", does: "What would go, what stays, and why" },
    { command: "milvus-backup prune --all --json", does: "The same of every policy, for programs" },
  ],
  async run(deps, { names, options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { choosePolicies } = await import("./choose-policies.ts");
    const { showPrune } = await import("./show-prune.ts");
    const config = await loadWorkspace(deps, readPlaces(options));
    const decisions: PruneDecision[] = [];
    for (const name of choosePolicies(config, { names, options }))
      decisions.push(...(await showPrune(config, name, deps)));
    deps.print(options.json ? JSON.stringify(decisions) : toText(decisions));
    return 0;
  },
});

function toText(decisions: readonly PruneDecision[]): string {
  if (decisions.length === 0) return "No target of these policies has retention: nothing is ever pruned";
  return decisions.map(formatDecision).join("\n\n");
}

function formatDecision({ policy, target, allowed, verdicts }: PruneDecision): string {
  const count = verdicts.filter(({ verdict }) => verdict === "prune").length;
  const over = count > allowed ? `, more than the ${allowed} that may go at once` : "";
  const rows = verdicts.map(({ name, verdict, reasons }) => [name, verdict, reasons.join(", ")]);
  const table = formatTable([{ title: "NAME" }, { title: "VERDICT" }, { title: "WHY" }], rows);
  return `${policy} in ${target}: ${count} of ${formatPlural(verdicts.length, "backup")} would go${over}\n${table}`;
}
