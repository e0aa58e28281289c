import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION, POLICIES_OPTIONS, readPlaces } from "./options.ts";
import { printOutcome } from "./print-run.ts";

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
    const { policyRequest } = await import("./policy-request.ts");
    const { planRequest } = await import("./take-backup.ts");
    const config = await loadWorkspace(deps, readPlaces(options));
    for (const name of choosePolicies(config, { names, options })) {
      const request = policyRequest(config, name, deps);
      printOutcome(deps, await planRequest(config, request, deps), options);
    }
    return 0;
  },
});
