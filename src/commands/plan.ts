import { BackupError } from "../core/errors.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION } from "./options.ts";
import { printOutcome } from "./print-run.ts";

export const plan: Command = defineCommand({
  name: "plan",
  summary: "Show what run would do, and why",
  operands: "POLICY…",
  arity: { min: 1, max: Infinity },
  details: [
    "Asks the source what it holds; writes nothing but the file of --out. Rows, bytes and requests are estimates by what",
    "Milvus has sealed and the schemas let expect. run --plan FILE takes the backup that was looked at, or none.",
  ].join("\n"),
  options: {
    out: { type: "string", value: "FILE", summary: "Write the plan of one policy to a file for run --plan" },
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
    const { policyRequest } = await import("./policy-request.ts");
    const { planRequest } = await import("./take-backup.ts");
    if (options.out !== undefined && names.length > 1) {
      throw new BackupError("usage", "A plan file is of one policy", { hint: "write a file for each" });
    }
    const config = await loadWorkspace(deps, options);
    for (const request of names.map((name) => policyRequest(config, name, deps))) {
      const planned = await planRequest(config, request, {
        caller: deps,
        details: options.out === undefined ? "few" : "all",
      });
      if (options.out !== undefined) {
        const { toPlanFile, writePlanFile } = await import("./plan-file.ts");
        await writePlanFile(deps, options.out, toPlanFile(planned, request.policy, deps.now()));
      }
      printOutcome(deps, planned.plan, options);
    }
    return 0;
  },
});
