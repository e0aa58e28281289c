import { deleteBackup as deleteFrom } from "../../catalog/delete-backup.ts";
import { recordDeletion } from "../../catalog/deletions.ts";
import type { ExclusiveLock } from "../../catalog/exclusive-lock.ts";
import type { DeleteBackupStep } from "../../core/plan.ts";
import { formatPlural } from "../../core/quantities.ts";
import { whoami } from "../../io/whoami.ts";
import { holdRunLock } from "../hold-run-lock.ts";
import type { OpenTarget } from "../places.ts";
import type { Progress } from "../progress.ts";
import type { StepRunner } from "../run-steps.ts";
import type { Run } from "../run.ts";

/** What is on record of a deletion besides the backup. */
export interface Deletion {
  readonly backup: string;
  readonly why: string;
  readonly policy?: string | undefined;
  readonly planDigest: string;
  /** Asked under the lock, before anything goes: a sentence leaves the backup alone. */
  readonly lookAgain?: (() => Promise<string | undefined>) | undefined;
}

export function deleteBackup(
  run: Run,
  target: OpenTarget,
  facts: Omit<Deletion, "backup" | "why">,
): StepRunner<DeleteBackupStep["kind"]> {
  return async ({ backup, why }, progress) => {
    await using lock = await holdRunLock(run, target.storage, { kind: "delete", backup });
    return await deleteRecorded({ run, target, progress, lock }, { ...facts, backup, why });
  };
}

export interface DeletionJob {
  readonly run: Run;
  readonly target: OpenTarget;
  readonly progress: Progress;
  readonly lock: Pick<ExclusiveLock, "guard">;
}

/** Deletes a backup under the target's lock, once it is on record; gives back what became of it. */
export async function deleteRecorded(job: DeletionJob, deletion: Deletion): Promise<string> {
  const { run, target, progress, lock } = job;
  const { lookAgain, ...record } = deletion;
  const { backup } = record;
  const { storage } = target;
  const { signal, runId } = run;
  const leftAlone = await lookAgain?.();
  if (leftAlone !== undefined) {
    run.record({ type: "notice", message: `${backup} in ${target.name} is left alone: ${leftAlone}` });
    return `left alone: ${leftAlone}`;
  }
  const at = run.now().toISOString();
  await recordDeletion(storage, { formatVersion: 1, ...record, at, by: whoami(), runId }, { signal });
  const onProgress = (done: number): void => progress({ phase: "delete", done, total: done, unit: "objects" });
  const notice = (message: string): void => run.record({ type: "notice", message: `${target.name}: ${message}` });
  const objects = await deleteFrom(storage, backup, { signal, onProgress, guard: lock.guard, notice });
  if (storage.capabilities.versioning) run.record({ type: "notice", message: keepsVersions(target.name) });
  run.record({ type: "backup.deleted", backup, target: target.name, objects });
  return `${formatPlural(objects, "object")} deleted`;
}

function keepsVersions(target: string): string {
  return `${target} keeps old versions of objects: what is deleted is hidden there, and takes room until the bucket's own rules remove it`;
}
