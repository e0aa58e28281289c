import type { Call, Storage } from "../core/contracts/storage.ts";
import { controlKeys } from "../format/keys.ts";
import { bytesBody } from "../io/body.ts";
import { systemClock } from "../io/clock.ts";
import type { Clock } from "../io/clock.ts";
import { deleteKeys } from "./delete-backup.ts";
import { lockedBy } from "./locked-by.ts";
import { isLive, readLocks, STALE_MS, writeLock } from "./read-locks.ts";

const REFRESH_MS = 5 * 60_000;

export interface LeaseOptions {
  readonly runId: string;
  /** Told when a refresh or the release fails: the run goes on, but others may take it for dead, or for alive. */
  readonly onFailure: (error: unknown) => void;
}

/** Says in the target that this run lives, until it is disposed; BackupError "locked" while another deletes there. */
export async function holdLease(storage: Storage, { runId, onFailure }: LeaseOptions): Promise<AsyncDisposable> {
  const key = controlKeys.sharedLock(runId);
  const attempt = async (change: () => Promise<unknown>): Promise<void> => {
    try {
      await change();
    } catch (error) {
      onFailure(error);
    }
  };
  const refresh = (): Promise<void> => attempt(() => storage.write(key, bytesBody(runId)));
  const now = await writeLock(storage, { key, body: runId });
  try {
    await refuseExclusive(storage, { runId, now });
  } catch (error) {
    await attempt(() => deleteKeys(storage, [key]));
    throw error;
  }
  let refreshing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => (refreshing = refresh()), REFRESH_MS);
  timer.unref();
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await refreshing; // or it would come back after its deletion
      await attempt(() => deleteKeys(storage, [key]));
    },
  };
}

/** After the own key was written, so that of two that start at once each would see the other. */
async function refuseExclusive(storage: Storage, { runId, now }: { runId: string; now: number }): Promise<void> {
  const others = (await readLocks(storage, "exclusive")).filter(({ body }) => body?.runId !== runId);
  const live = others.find((lock) => isLive(lock, { now }) || (Number.isNaN(now) && lock.body?.released !== true));
  if (live !== undefined) throw lockedBy(live);
}

/** Whether the run has a lease that it refreshed lately. */
export async function isLeaseLive(
  storage: Storage,
  runId: string,
  { signal, clock = systemClock }: Call & { readonly clock?: Clock } = {},
): Promise<boolean> {
  const info = await storage.stat(controlKeys.sharedLock(runId), { signal });
  return info?.modifiedAt !== undefined && clock.now() - info.modifiedAt.getTime() < STALE_MS;
}
