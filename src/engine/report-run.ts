import { isBackupError } from "../core/errors.ts";
import type { Plan } from "../core/plan.ts";
import { makeReport } from "../core/report.ts";
import type { ReportInput, RunReport } from "../core/report.ts";
import type { Run } from "./run.ts";

/** The report of a run that has come to its end, one way or another. */
export function reportRun(plan: Plan, run: Run, facts: Pick<ReportInput, "startedAt" | "missing">): RunReport {
  const reason: unknown = run.signal.reason;
  const code = isBackupError(reason) && reason.code === "terminated" ? "terminated" : "interrupted";
  return makeReport({
    ...facts,
    plan,
    runId: run.runId,
    finishedAt: run.now(),
    outcomes: run.outcomes,
    targets: run.targets,
    checks: run.checks,
    prunes: run.prunes,
    garbage: run.garbage(),
    steps: run.steps,
    failures: run.failures,
    stoppedBy: run.signal.aborted ? code : undefined,
  });
}
