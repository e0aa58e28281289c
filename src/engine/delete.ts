import { findBackup } from "../catalog/open-backup.ts";
import { planDelete } from "../core/delete-plan.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { OpenTarget } from "./places.ts";
import { digestPlan } from "./plan-digest.ts";
import { reportRun } from "./report-run.ts";
import { runSteps } from "./run-steps.ts";
import type { Run } from "./run.ts";
import { deleteBackup } from "./runners/delete-backup.ts";
import { withRoom } from "./with-room.ts";

/** Carries out a delete plan. */
export async function runDelete(plan: Plan, run: Run, opened: OpenTarget): Promise<RunReport> {
  const startedAt = run.now();
  await using target = withRoom(run, opened);
  const lookAgain = async (): Promise<undefined> => {
    const { signal, now } = run;
    planDelete(await findBackup(target.storage, plan.backup, { signal, now }), target.name); // pinned, or begun, meanwhile
  };
  const facts = { planDigest: digestPlan(plan), lookAgain };
  run.record({ type: "plan.made", plan });
  await runSteps(plan, run, { concurrency: 1, runners: { "delete-backup": deleteBackup(run, target, facts) } });
  return reportRun(plan, run, { startedAt });
}
