import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { controlKeys } from "../format/keys.ts";
import { encodeLock } from "../format/lock.ts";
import type { LockBody } from "../format/lock.ts";
import { systemClock } from "../io/clock.ts";
import type { Clock } from "../io/clock.ts";
import { deleteKeys } from "./delete-backup.ts";
import { lockedBy } from "./locked-by.ts";
import {
  isLive,
  isReadOnly,
  readJudged,
  readLock,
  readLocks,
  readStoreTime,
  STALE_MS,
  startLook,
  writeLock,
} from "./read-locks.ts";
import type { StoreTime } from "./read-locks.ts";

const REFRESH_MS = 5 * 60_000;

export interface LeaseOptions {
  readonly owner: LockBody;
  /** The run that it is the lease of: the owner's, or one that the owner goes on for. */
  readonly of?: string | undefined;
  /** Told when a refresh or the release fails: the run goes on, but others may take it for dead, or for alive. */
  readonly onFailure: (error: unknown) => void;
  readonly staleMs?: number | undefined;
  readonly refreshMs?: number | undefined;
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
    await refuseExclusive(storage, owner, { now, staleMs: options.staleMs });
  } catch (error) {
    await deleteKeys(storage, [key]).catch(options.onFailure);
    throw error;
  }
  return keepRefreshing(createHolder(storage, { ...options, key, takenAt: now }), options);
}

interface Held extends LeaseOptions {
  readonly key: string;
  readonly takenAt: number;
}

interface Holder {
  refresh(call?: Call): Promise<void>;
  guard(call?: Call): Promise<void>;
  isLost(): boolean;
  release(): Promise<void>;
}

function createHolder(storage: Storage, { owner, key, takenAt, staleMs = STALE_MS }: Held): Holder {
  let refreshedAt = takenAt;
  let loss: BackupError | undefined;
  const isOwn = async (call: Call): Promise<boolean> =>
    (await readLock(storage, { key }, call))?.body?.runId === owner.runId;
  const refresh = async (call: Call = {}): Promise<void> => {
    if (loss !== undefined) return;
    if (await isOwn(call)) {
      const at = await writeLock(storage, { key, body: encodeLock(owner) }, call);
      if (at - refreshedAt >= staleMs) loss = lost(owner, "it was not refreshed for too long"); // anybody could take it for dead
      refreshedAt = at;
    } else loss = lost(owner, "it was removed, or another run has it");
    if (loss !== undefined) throw loss;
  };
  return {
    refresh,
    guard: async (call) => {
      const isTooLate = startLook(staleMs);
      await refresh(call);
      if (loss !== undefined) throw loss;
      try {
        await refuseExclusive(storage, owner, { now: refreshedAt, staleMs, ...call });
        if (isTooLate()) throw lost(owner, "it was looked at for too long");
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

function keepRefreshing(holder: Holder, { onFailure, refreshMs = REFRESH_MS }: LeaseOptions): Lease {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (change: () => Promise<unknown>): Promise<unknown> => {
    last = last.then(change).catch(onFailure);
    return last;
  };
  const timer = setInterval(() => void inTurn(() => holder.refresh()), refreshMs);
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
  { signal, ...time }: Call & StoreTime,
): Promise<void> {
  const others = (await readLocks(storage, "exclusive", { signal })).filter(({ body }) => body?.runId !== runId);
  const live = others.find((lock) => isLive(lock, time));
  if (live !== undefined) throw lockedBy(live);
}

function lost({ kind, runId }: LockBody, why: string): BackupError {
  return new BackupError("locked", `The lease of this ${kind} was lost: ${why}`, {
    facts: { runId },
    hint: "what it made may be another run's now, so it is left as it is; look who is there with milvus-backup unlock, and run it again",
  });
}

export interface LeaseLook extends Call {
  /** In place of the store's clock: for what is only shown, since that one is asked for by writing there. */
  readonly clock?: Clock | undefined;
}

/** Whether the run has a lease that it refreshed lately, and is not known to be gone. */
export async function isLeaseLive(
  storage: Storage,
  runId: string,
  { clock, ...call }: LeaseLook = {},
): Promise<boolean> {
  const lease = await readJudged(storage, { key: controlKeys.sharedLock(runId) }, call);
  if (lease?.modifiedAt === undefined || lease.isGone === true) return false;
  return isLive(lease, { now: clock?.now() ?? (await readTimeThere(storage, runId, call)) });
}

/** By this machine's clock where nothing can be written. */
async function readTimeThere(storage: Storage, runId: string, call: Call): Promise<number> {
  try {
    return await readStoreTime(storage, runId, call);
  } catch (error) {
    if (!isReadOnly(error) && !isStorageError(error, "full")) throw error;
    return systemClock.now();
  }
}
