import { findBackup } from "../catalog/open-backup.ts";
import { isBackupError } from "../core/errors.ts";
import { formatPin } from "../core/pin.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { DecidedPrune } from "./decide-prune.ts";
import { holdRunLock } from "./hold-run-lock.ts";
import type { OpenTarget } from "./places.ts";
import { digestPlan } from "./plan-digest.ts";
import { reportRun } from "./report-run.ts";
import { runSteps } from "./run-steps.ts";
import type { Run } from "./run.ts";
import { deleteRecorded } from "./runners/delete-backup.ts";
import { withRoom } from "./with-room.ts";

/** Deletes in one target what was decided, under one lock. */
export async function runPrune(
  plan: Plan,
  run: Run,
  { target: opened, decided }: { readonly target: OpenTarget; readonly decided: DecidedPrune },
): Promise<RunReport> {
  const startedAt = run.now();
  await using target = withRoom(run, opened);
  await using lock = await holdRunLock(run, target.storage, { kind: "prune" });
  const { backups: _backups, ...decision } = decided;
  run.record({ type: "plan.made", plan });
  run.record({ type: "prune.decided", ...decision });
  const facts = { policy: decided.policy, planDigest: digestPlan(plan) };
  await runSteps(plan, run, {
    concurrency: 1,
    runners: {
      "delete-backup": ({ backup, why }, progress) =>
        deleteRecorded(
          { run, target, progress, lock },
          { ...facts, backup, why, lookAgain: () => whyNot(run, { target, decided, backup }) },
        ),
    },
  });
  return reportRun(plan, run, { startedAt });
}

interface Candidate {
  readonly target: OpenTarget;
  readonly decided: DecidedPrune;
  readonly backup: string;
}

/** What has happened to a candidate since it was decided; undefined when it may go. */
export async function whyNot(run: Run, { target, decided, backup }: Candidate): Promise<string | undefined> {
  const before = decided.backups.find(({ name }) => name === backup);
  const { signal, now } = run;
  try {
    const entry = await findBackup(target.storage, backup, { signal, now });
    if (entry.pinned !== undefined) return `it was pinned meanwhile: ${formatPin(entry.pinned)}`;
    if (entry.damaged !== before?.damaged) return "a check has judged it anew meanwhile";
    if (entry.state !== before?.state) return `it is ${entry.state} now`;
    return entry.startedAt === before.startedAt ? undefined : "it is another backup now";
  } catch (error) {
    if (isBackupError(error) && error.code === "not-found") return "it is gone already";
    throw error;
  }
}
