import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { OpenTarget } from "./places.ts";
import { reportRun } from "./report-run.ts";
import { runSteps } from "./run-steps.ts";
import type { Run } from "./run.ts";
import { deleteBackup } from "./runners/delete-backup.ts";

/** Carries out a delete plan. */
export async function runDelete(plan: Plan, run: Run, target: OpenTarget): Promise<RunReport> {
  const startedAt = run.now();
  run.record({ type: "plan.made", plan });
  await runSteps(plan, run, { concurrency: 1, runners: { "delete-backup": deleteBackup(run, target) } });
  return reportRun(plan, run, { startedAt });
}
