import type { LoadedConfig } from "../config/load-config.ts";
import { BackupError } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import { defineCommand } from "./command.ts";
import type { Command, CommandDeps } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION, POLICIES_OPTIONS, readPlaces } from "./options.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";

export const plan: Command = defineCommand({
  name: "plan",
  summary: "Show what run would do, and why",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  completes: "policies",
  details: [
    "Asks the source what it holds; writes nothing but the file of --out. Rows, bytes and requests are estimates by what",
    "Milvus has sealed and the schemas let expect. run --plan FILE takes the backup that was looked at, or none.",
  ].join("\n"),
  options: {
    out: { type: "string", value: "FILE", summary: "Write the plan of one policy to a file for run --plan" },
    ...POLICIES_OPTIONS,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    { command: "milvus-backup plan nightly", does: "The steps, with a reason each" },
    { command: "milvus-backup plan nightly --out plan.json", does: "For a review, and for run --plan plan.json then" },
    { command: "milvus-backup plan nightly --json", does: "The same for a review in CI" },
  ],
  async run(deps, { names, options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { choosePolicies } = await import("./choose-policies.ts");
    const config = await loadWorkspace(deps, readPlaces(options));
    const policies = choosePolicies(config, { names, options });
    if (options.out !== undefined) return await writePlan(deps, { config, policies, out: options.out, options });
    const { policyRun, runPolicies } = await import("./run-policies.ts");
    const runs = policies.map((policy) => policyRun(config, policy, deps));
    const how = { config, caller: toRunCaller(deps, options), options: { ...options, "dry-run": true } };
    return (await runPolicies(runs, how, deps)).exitStatus;
  },
});

interface PlanWriting {
  readonly config: LoadedConfig;
  readonly policies: readonly string[];
  readonly out: string;
  readonly options: { readonly json?: boolean };
}

async function writePlan(deps: CommandDeps, { config, policies, out, options }: PlanWriting): Promise<ExitStatus> {
  const [policy = "", ...others] = policies;
  if (others.length > 0) {
    throw new BackupError("usage", "A plan file is of one policy", { hint: "write a file for each" });
  }
  const { policyRequest } = await import("./policy-request.ts");
  const { planRequest } = await import("./take-backup.ts");
  const { toPlanFile, writePlanFile } = await import("./plan-file.ts");
  const request = policyRequest(config, policy, deps);
  const planned = await planRequest(config, request, deps);
  await writePlanFile(deps, out, toPlanFile(planned, request.policy, deps.now()));
  return printOutcome(deps, planned.plan, options);
}
