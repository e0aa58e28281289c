import { holdExclusiveLock } from "../catalog/exclusive-lock.ts";
import type { ExclusiveLock } from "../catalog/exclusive-lock.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import { lockOwner } from "./lock-owner.ts";
import type { LockPurpose } from "./lock-owner.ts";
import type { Run } from "./run.ts";

/** The target's lock for a deletion of this run; BackupError "locked" when others are there. */
export async function holdRunLock(run: Run, storage: Storage, what: LockPurpose): Promise<ExclusiveLock> {
  const notice = (message: string): void => run.record({ type: "notice", message });
  if (!storage.capabilities.ifAbsent) {
    notice("The store has no conditional writes: two deletions that start at once are told apart by lists alone");
  }
  return await holdExclusiveLock(storage, {
    owner: await lockOwner(run, what),
    onFailure: (error) => notice(`The lock could not be kept: ${messageOf(error)}`),
    signal: run.signal,
  });
}
