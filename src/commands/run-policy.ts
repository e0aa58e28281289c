import type { RunPolicyOptions } from "../core/contracts/library.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { RunCaller } from "./caller.ts";
import { policyRequest } from "./policy-request.ts";
import { takeBackup } from "./take-backup.ts";
import { loadWorkspace } from "./workspace.ts";

/** Takes the backup that a policy asks for, or plans it only. */
export async function runPolicy(options: RunPolicyOptions, caller: RunCaller): Promise<Plan | RunReport> {
  const { policy, dryRun, config: path, environment } = options;
  const config = await loadWorkspace(caller, { config: path, environment });
  return takeBackup(config, { ...policyRequest(config, policy, caller), dryRun }, caller);
}
