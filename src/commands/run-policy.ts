import type { LoadedConfig } from "../config/load-config.ts";
import type { RunPolicyOptions } from "../core/contracts/library.ts";
import { BackupError } from "../core/errors.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { RunCaller } from "./caller.ts";
import { policyRequest } from "./policy-request.ts";
import type { PolicyRequest } from "./policy-request.ts";
import { chooseResume } from "./resume-backup.ts";
import { takeBackup } from "./take-backup.ts";
import { loadWorkspace } from "./workspace.ts";

/** Takes the backup that a policy asks for, or plans it only. */
export async function runPolicy(options: RunPolicyOptions, caller: RunCaller): Promise<Plan | RunReport> {
  const { dryRun, resume, config: path, environment } = options;
  const config = await loadWorkspace(caller, { config: path, environment });
  const request = await requestOf(config, options, caller);
  return takeBackup(config, { ...request, resume: chooseResume(resume), dryRun }, caller);
}

async function requestOf(
  config: LoadedConfig,
  { policy, plan }: RunPolicyOptions,
  caller: RunCaller,
): Promise<PolicyRequest> {
  if (plan === undefined) return policyRequest(config, policy, caller);
  const { plannedRequest } = await import("./plan-file.ts");
  const request = await plannedRequest(config, plan, caller);
  if (request.policy.name === policy) return request;
  throw new BackupError("usage", `${plan} is a plan of the policy ${request.policy.name}, not of ${policy}`);
}
