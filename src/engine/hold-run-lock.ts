import { hostname } from "node:os";
import process from "node:process";
import { holdExclusiveLock } from "../catalog/exclusive-lock.ts";
import type { ExclusiveLock } from "../catalog/exclusive-lock.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import type { LockBody } from "../format/lock.ts";
import type { Run } from "./run.ts";

/** The target's lock for a deletion of this run; BackupError "locked" when others are there. */
export async function holdRunLock(
  run: Run,
  storage: Storage,
  what: Pick<LockBody, "kind" | "backup">,
): Promise<ExclusiveLock> {
  const notice = (message: string): void => run.record({ type: "notice", message });
  if (!storage.capabilities.ifAbsent) {
    notice("The store has no conditional writes: two deletions that start at once are told apart by lists alone");
  }
  return await holdExclusiveLock(storage, {
    owner: { runId: run.runId, ...what, host: hostname(), pid: process.pid, startedAt: run.now().toISOString() },
    onFailure: (error) => notice(`The lock could not be kept: ${messageOf(error)}`),
    signal: run.signal,
  });
}
