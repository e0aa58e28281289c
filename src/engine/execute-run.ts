import { addHooks, outcomeOfError } from "../core/hook-report.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { Run } from "./run.ts";

/** A run from its first event to its last; what fails before there is a report is thrown on. */
export async function executeRun(run: Run, action: Plan["action"], work: () => Promise<RunReport>): Promise<RunReport> {
  const startedAt = run.now().toISOString();
  run.record({ type: "run.started", version: 1, action });
  try {
    const report = { ...addHooks(await work(), run.hooks), startedAt, finishedAt: run.now().toISOString() };
    run.record({ type: "run.finished", exitStatus: report.exitStatus, summary: report.summary });
    return report;
  } catch (error) {
    const { exitStatus, summary } = outcomeOfError(error);
    run.record({ type: "run.finished", exitStatus, summary });
    throw error;
  }
}
