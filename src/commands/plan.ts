import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION, POLICIES_OPTIONS, readPlaces } from "./options.ts";
import { toRunCaller } from "./print-run.ts";

export const plan: Command = defineCommand({
  name: "plan",
  summary: "Show what run would do, and why",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  completes: "policies",
  details: "Reads the source's inventory; writes nothing.",
  options: { ...POLICIES_OPTIONS, ...CONFIG_OPTION, ...JSON_OPTION },
  examples: [
    { command: "milvus-backup plan nightly", does: "The steps, with a reason each" },
    { command: "milvus-backup plan nightly --json", does: "The same for a review in CI" },
  ],
  async run(deps, { names, options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { choosePolicies } = await import("./choose-policies.ts");
    const { runPolicies } = await import("./run-policies.ts");
    const config = await loadWorkspace(deps, readPlaces(options));
    const policies = choosePolicies(config, { names, options });
    const runs = { config, caller: toRunCaller(deps, options), options: { ...options, "dry-run": true } };
    return (await runPolicies(policies, runs, deps)).exitStatus;
  },
});
