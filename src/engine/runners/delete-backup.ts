import { deleteBackup as deleteFrom } from "../../catalog/delete-backup.ts";
import { holdRunLock } from "../hold-run-lock.ts";
import type { DeleteBackupStep } from "../../core/plan.ts";
import { formatPlural } from "../../core/quantities.ts";
import type { StepRunner } from "../run-steps.ts";
import type { Run } from "../run.ts";
import type { OpenTarget } from "../places.ts";

export function deleteBackup(run: Run, { storage }: OpenTarget): StepRunner<DeleteBackupStep["kind"]> {
  return async ({ backup }, progress) => {
    const onProgress = (done: number): void => progress({ phase: "delete", done, total: done, unit: "objects" });
    await using lock = await holdRunLock(run, storage, { kind: "delete", backup });
    const objects = await deleteFrom(storage, backup, { signal: run.signal, onProgress, guard: lock.guard });
    return `${formatPlural(objects, "object")} deleted`;
  };
}
