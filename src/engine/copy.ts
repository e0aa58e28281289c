import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { holdReaderLease } from "./hold-run-lease.ts";
import type { ClosedTarget, OpenTarget } from "./places.ts";
import { reportRun } from "./report-run.ts";
import { runSteps } from "./run-steps.ts";
import { copyToTarget } from "./runners/copy-backup.ts";
import type { CopyJob } from "./copy-backup.ts";

/** Carries out the plan of a copy. */
export async function runCopy(
  plan: Plan,
  job: CopyJob,
  { from, to }: { readonly from: OpenTarget; readonly to: ClosedTarget },
): Promise<RunReport> {
  const { run } = job;
  const startedAt = run.now();
  const what = { kind: "copy", backup: plan.backup, reading: "the backup is read" };
  await using _lease = await holdReaderLease(run, from, what);
  run.record({ type: "plan.made", plan });
  const runner = copyToTarget({ ...job, target: from }, { backup: plan.backup, targets: [to] });
  await runSteps(plan, run, { concurrency: 1, runners: { "copy-backup": runner } });
  return reportRun(plan, run, { startedAt });
}
