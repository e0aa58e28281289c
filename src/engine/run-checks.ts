import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { CheckJob } from "./check-job.ts";
import { reportRun } from "./report-run.ts";
import { runSteps } from "./run-steps.ts";
import { runCheck } from "./runners/check.ts";

/** Carries out a plan of checks, one after the other. It resolves also when damage was found: the report says which. */
export async function runChecks(plan: Plan, job: CheckJob): Promise<RunReport> {
  const { run } = job;
  const startedAt = run.now();
  run.record({ type: "plan.made", plan });
  await runSteps(plan, run, { concurrency: 1, runners: { check: runCheck(job) } });
  return reportRun(plan, run, { startedAt });
}
