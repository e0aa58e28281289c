import { keepReserve, spendingReserve } from "../catalog/reserve.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import type { OpenTarget } from "./places.ts";
import type { Run } from "./run.ts";

/** The target for a deletion, which can be recorded there also when the disk is full; disposing it keeps room for the next one. */
export function withRoom(run: Run, target: OpenTarget): OpenTarget {
  const { storage } = target;
  return {
    ...target,
    storage: spendingReserve(storage),
    [Symbol.asyncDispose]: () => keepRoom(run, storage),
  };
}

/** A target that has no room for it, or lets nobody write, is what it is: that is told, and harms nothing now. */
export async function keepRoom(run: Pick<Run, "record" | "signal">, storage: Storage): Promise<void> {
  try {
    await keepReserve(storage);
  } catch (error) {
    if (!isStorageError(error)) throw error;
    run.record({ type: "notice", message: `No room is kept for deletions on a full disk: ${messageOf(error)}` });
  }
}
