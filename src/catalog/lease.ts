import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { controlKeys } from "../format/keys.ts";
import { encodeLock } from "../format/lock.ts";
import type { LockBody } from "../format/lock.ts";
import { systemClock } from "../io/clock.ts";
import type { Clock } from "../io/clock.ts";
import { deleteKeys } from "./delete-backup.ts";
import { lockedBy } from "./locked-by.ts";
import { isLive, readJudged, readLock, readLocks, STALE_MS, writeLock } from "./read-locks.ts";

const REFRESH_MS = 5 * 60_000;

export interface LeaseOptions {
  readonly owner: LockBody;
  /** The run that it is the lease of: the owner's, or one that the owner goes on for. */
  readonly of?: string | undefined;
  /** Told when a refresh or the release fails: the run goes on, but others may take it for dead, or for alive. */
  readonly onFailure: (error: unknown) => void;
}

export interface Lease extends AsyncDisposable {
  /**
   * Refreshes the lease and looks whether this run may still take itself for alone with what it makes; BackupError
   * "locked" when its lease had gone stale, is another's or was removed, or when another deletes there.
   */
  guard(call?: Call): Promise<void>;
  /** Whether a guard or a refresh has found that: what the run was making may be another's now. */
  isLost(): boolean;
}

/** Says in the target that this run lives, until it is disposed; BackupError "locked" while another deletes there. */
export async function holdLease(storage: Storage, options: LeaseOptions): Promise<Lease> {
  const { owner, of = owner.runId } = options;
  const key = controlKeys.sharedLock(of);
  const now = await writeLock(storage, { key, body: encodeLock(owner) });
  try {
    await refuseExclusive(storage, owner, { now });
  } catch (error) {
    await deleteKeys(storage, [key]).catch(options.onFailure);
    throw error;
  }
  return keepRefreshing(createHolder(storage, { owner, key, takenAt: now }), options);
}

interface Held {
  readonly owner: LockBody;
  readonly key: string;
  readonly takenAt: number;
}

interface Holder {
  refresh(call?: Call): Promise<void>;
  guard(call?: Call): Promise<void>;
  isLost(): boolean;
  release(): Promise<void>;
}

function createHolder(storage: Storage, { owner, key, takenAt }: Held): Holder {
  let refreshedAt = takenAt;
  let loss: BackupError | undefined;
  const isOwn = async (call: Call): Promise<boolean> =>
    (await readLock(storage, { key }, call))?.body?.runId === owner.runId;
  const refresh = async (call: Call = {}): Promise<void> => {
    if (loss !== undefined) return;
    if (await isOwn(call)) {
      const at = await writeLock(storage, { key, body: encodeLock(owner) }, call);
      if (at - refreshedAt >= STALE_MS) loss = lost(owner, "it was not refreshed for too long"); // anybody could take it for dead
      refreshedAt = at;
    } else loss = lost(owner, "it was removed, or another run has it");
    if (loss !== undefined) throw loss;
  };
  return {
    refresh,
    guard: async (call) => {
      await refresh(call);
      if (loss !== undefined) throw loss;
      try {
        await refuseExclusive(storage, owner, { now: refreshedAt, ...call });
      } catch (error) {
        if (error instanceof BackupError) loss = error;
        throw error;
      }
    },
    isLost: () => loss !== undefined,
    release: async () => {
      if (await isOwn({})) await deleteKeys(storage, [key]);
    },
  };
}

function keepRefreshing(holder: Holder, { onFailure }: LeaseOptions): Lease {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (change: () => Promise<unknown>): Promise<unknown> => {
    last = last.then(change).catch(onFailure);
    return last;
  };
  const timer = setInterval(() => void inTurn(() => holder.refresh()), REFRESH_MS);
  timer.unref();
  return {
    guard: async (call) => {
      await last;
      await holder.guard(call);
    },
    isLost: holder.isLost,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await inTurn(() => holder.release()); // after a refresh, or it would come back after its deletion
    },
  };
}

/** After the own key was written, so that of two that start at once each would see the other. */
async function refuseExclusive(
  storage: Storage,
  { runId }: LockBody,
  { now, signal }: Call & { readonly now: number },
): Promise<void> {
  const others = (await readLocks(storage, "exclusive", { signal })).filter(({ body }) => body?.runId !== runId);
  const live = others.find((lock) => isLive(lock, { now }));
  if (live !== undefined) throw lockedBy(live);
}

function lost({ kind, runId }: LockBody, why: string): BackupError {
  return new BackupError("locked", `The lease of this ${kind} was lost: ${why}`, {
    facts: { runId },
    hint: "what it made may be another run's now, so it is left as it is; look who is there with milvus-backup unlock, and run it again",
  });
}

/** Whether the run has a lease that it refreshed lately, and is not known to be gone. */
export async function isLeaseLive(
  storage: Storage,
  runId: string,
  { signal, clock = systemClock }: Call & { readonly clock?: Clock } = {},
): Promise<boolean> {
  const lease = await readJudged(storage, { key: controlKeys.sharedLock(runId) }, { signal });
  return lease?.modifiedAt !== undefined && isLive(lease, { now: clock.now() });
}
