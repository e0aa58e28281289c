import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, POLICIES_OPTIONS, readPlaces } from "./options.ts";
import { printSummary, toRunCaller } from "./print-run.ts";

export const run: Command = defineCommand({
  name: "run",
  summary: "Take the backups of one or more policies",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  completes: "policies",
  details: [
    "A backup is complete when every collection that the policy selects is in it and was compared with what was captured;",
    "when some are not, it is partial (exit 3), holds the others whole, and says why.",
    "Of several policies one that fails does not stop the next; a summary is last, and the worst exit status is returned.",
  ].join("\n"),
  options: {
    ...POLICIES_OPTIONS,
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
    "dry-run": { type: "boolean", summary: "Show the plan and stop" },
  },
  examples: [
    { command: "milvus-backup run nightly", does: "What cron calls" },
    { command: "milvus-backup run --all", does: "Every policy, one after the other" },
    { command: "milvus-backup run --group prod", does: "Those that the config's groups.prod names" },
    { command: "milvus-backup run nightly --dry-run", does: "What it would do, and why" },
    {
      command: "milvus-backup run nightly --json | jq -r 'select(.type==\"report\").state'",
      does: "complete, partial or failed",
    },
  ],
  async run(deps, { names, options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { choosePolicies } = await import("./choose-policies.ts");
    const { runPolicies } = await import("./run-policies.ts");
    const config = await loadWorkspace(deps, readPlaces(options));
    const policies = choosePolicies(config, { names, options });
    const caller = toRunCaller(deps, options);
    const { exitStatus, outcomes } = await runPolicies(policies, { config, caller, options }, deps);
    const isOne = names.length === 1 && policies.length === 1;
    if (!isOne && !options["dry-run"]) printSummary(deps, outcomes, options);
    return exitStatus;
  },
});
