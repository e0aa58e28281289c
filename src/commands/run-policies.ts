import type { LoadedConfig } from "../config/load-config.ts";
import { worstStatus } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import type { PolicyOutcome } from "../core/run-summary.ts";
import type { NotStarted } from "../report/stream-schema.ts";
import type { Caller, RunCaller } from "./caller.ts";
import type { CommandDeps } from "./command.ts";
import { policyRequest } from "./policy-request.ts";
import { printOutcome } from "./print-run.ts";
import type { PrintOptions } from "./print-run.ts";
import type { ResumeChoice } from "./resume-backup.ts";
import { takeBackup } from "./take-backup.ts";
import type { BackupRequest } from "./take-backup.ts";

/** A policy that is run, and what it asks for when its turn comes. */
export interface PolicyRun {
  readonly policy: string;
  readonly request: () => BackupRequest;
}

export function policyRun(config: LoadedConfig, policy: string, caller: Caller): PolicyRun {
  return { policy, request: () => policyRequest(config, policy, caller) };
}

/** How all of them are run. */
export interface PolicyRuns {
  readonly config: LoadedConfig;
  readonly caller: RunCaller;
  /** never, when absent. */
  readonly resume?: ResumeChoice;
  readonly options: PrintOptions & { readonly "dry-run"?: boolean };
}

/**
 * Runs policies one after the other, and prints what became of each when it is known. One that fails, or cannot even
 * begin, does not keep the next ones from their backups; what is not begun when the run is stopped is told as well.
 */
export async function runPolicies(
  policies: readonly PolicyRun[],
  how: PolicyRuns,
  deps: CommandDeps,
): Promise<{ readonly exitStatus: ExitStatus; readonly outcomes: readonly PolicyOutcome[] }> {
  const outcomes: PolicyOutcome[] = [];
  const statuses: ExitStatus[] = [];
  for (const { policy, request } of policies) {
    try {
      deps.signal.throwIfAborted();
      const { config, resume = "never", options, caller } = how;
      const done = await takeBackup(config, { ...request(), resume, dryRun: options["dry-run"] }, caller);
      statuses.push(printOutcome(deps, done, how.options));
      if (!("steps" in done)) outcomes.push({ policy, report: done });
    } catch (error) {
      const outcome = {
        policy,
        error: toEventError(error),
        exitStatus: deps.fail(error, policies.length > 1 ? { policy } : {}),
      };
      const line: NotStarted = { type: "not-started", version: 1, ...outcome };
      if (how.options.json) deps.print(JSON.stringify(line));
      outcomes.push(outcome);
      statuses.push(outcome.exitStatus);
    }
  }
  return { exitStatus: worstStatus(statuses), outcomes };
}
