import type { Call, Storage } from "../core/contracts/storage.ts";
import { controlKeys } from "../format/keys.ts";
import { bytesBody } from "../io/body.ts";
import { systemClock } from "../io/clock.ts";
import type { Clock } from "../io/clock.ts";
import { deleteKeys } from "./delete-backup.ts";

/** A run that has not refreshed its lease for so long is no longer there. */
const STALE_MS = 30 * 60_000;
const REFRESH_MS = 5 * 60_000;

export interface LeaseOptions {
  readonly runId: string;
  /** Told when a refresh or the release fails: the run goes on, but others may take it for dead, or for alive. */
  readonly onFailure: (error: unknown) => void;
}

/** Says in the target that this run lives, until it is disposed. */
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
  await storage.write(key, bytesBody(runId));
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

/** Whether the run has a lease that it refreshed lately. */
export async function isLeaseLive(
  storage: Storage,
  runId: string,
  { signal, clock = systemClock }: Call & { readonly clock?: Clock } = {},
): Promise<boolean> {
  const info = await storage.stat(controlKeys.sharedLock(runId), { signal });
  return info?.modifiedAt !== undefined && clock.now() - info.modifiedAt.getTime() < STALE_MS;
}
