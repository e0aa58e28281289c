import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { controlKeys } from "../format/keys.ts";
import { encodeLock } from "../format/lock.ts";
import type { LockBody } from "../format/lock.ts";
import { objectsIn } from "../io/list-objects.ts";
import { deleteKeys } from "./delete-backup.ts";
import { lockedBy } from "./locked-by.ts";
import {
  isLive,
  readLock,
  readLocks,
  readLocksIn,
  readStoreTime,
  STALE_MS,
  startLook,
  writeLock,
} from "./read-locks.ts";
import type { Lock } from "./read-locks.ts";

const REFRESH_MS = 5 * 60_000;

export interface ExclusiveLockOptions extends Call {
  readonly owner: LockBody;
  /** Where its numbers are, with a slash at the end. The target's, which also keeps out who reads or writes there, when absent. */
  readonly directory?: string | undefined;
  /** What is thrown when another has it; that the target is locked, when absent. */
  readonly refusal?: ((lock: Lock) => BackupError) | undefined;
  /** Told when a refresh or the release fails: the next look says whether the lock is still held. */
  readonly onFailure: (error: unknown) => void;
  readonly staleMs?: number | undefined;
  readonly refreshMs?: number | undefined;
}

export interface ExclusiveLock extends AsyncDisposable {
  /** Refreshes the lock and looks whether it is still this run's; BackupError "locked" when it was lost. */
  guard(): Promise<void>;
}

/**
 * Takes the lock for deleting in this target; BackupError "locked" when somebody lives there. The highest number owns
 * it. A number is written only over dead ones, and afterwards looked at again: of two that write, or of one that writes
 * and one that comes back, each sees the other's key unless it wrote first, so at most one goes on.
 */
export async function holdExclusiveLock(storage: Storage, options: ExclusiveLockOptions): Promise<ExclusiveLock> {
  const { number, at } = await takeNumber(storage, options);
  const own = { key: keyOf(options, number), body: encodeLock(options.owner) };
  if (!storage.capabilities.ifAbsent) await refuseOverwritten(storage, own.key, options);
  const holder = createHolder(storage, { ...options, number, at, own });
  try {
    await refuseOthers(storage, { number, now: at }, options);
  } catch (error) {
    await holder.release();
    throw error;
  }
  return keepRefreshing(holder, options);
}

interface Taken {
  readonly number: number;
  /** When it was taken, by the store's clock. */
  readonly at: number;
}

async function takeNumber(storage: Storage, options: ExclusiveLockOptions): Promise<Taken> {
  const { owner, signal } = options;
  const there = await readLocksIn(storage, directoryOf(options), { signal });
  const held = there.filter(({ body }) => body?.released !== true);
  if (held.length > 0) {
    const now = await readStoreTime(storage, owner.runId, { signal });
    refuseLive(held, now, options);
  }
  const number = Math.max(0, ...there.map(({ name }) => Number(name)).filter(Number.isSafeInteger)) + 1;
  const lock = { key: keyOf(options, number), body: encodeLock(owner) };
  try {
    return { number, at: await writeLock(storage, lock, { signal, ifAbsent: storage.capabilities.ifAbsent }) };
  } catch (error) {
    if (!isStorageError(error, "precondition")) throw error;
    const winner = await readLock(storage, lock, { signal });
    const isOwn = winner?.body?.runId === owner.runId; // the reply to an earlier attempt was lost
    if (!isOwn) throw refuse(options, winner ?? { key: lock.key, name: String(number) });
    return { number, at: winner.modifiedAt?.getTime() ?? Number.NaN };
  }
}

/** Where another can write the same number, the last one has it, and the others leave it alone. */
async function refuseOverwritten(storage: Storage, key: string, options: ExclusiveLockOptions): Promise<void> {
  const { owner, signal } = options;
  const found = await readLock(storage, { key }, { signal });
  if (found?.body?.runId !== owner.runId) throw refuse(options, found ?? { key, name: key });
}

function refuseLive(locks: readonly Lock[], now: number, options: ExclusiveLockOptions): void {
  const live = locks.find((lock) => isLive(lock, { now, staleMs: options.staleMs }));
  if (live !== undefined) throw refuse(options, live);
}

function refuse({ refusal = lockedBy }: ExclusiveLockOptions, lock: Lock): BackupError {
  return refusal(lock);
}

function directoryOf({ directory = controlKeys.locks("exclusive") }: Pick<ExclusiveLockOptions, "directory">): string {
  return directory;
}

function keyOf(options: ExclusiveLockOptions, number: number): string {
  return `${directoryOf(options)}${number}`;
}

/** Looks after the own key was written: at a higher or living number, and at living readers and writers. */
async function refuseOthers(
  storage: Storage,
  { number, now }: { readonly number: number; readonly now: number },
  options: ExclusiveLockOptions,
): Promise<void> {
  const { owner, directory, signal } = options;
  const there = await readLocksIn(storage, directoryOf(options), { signal });
  const others = there.filter(({ name }) => name !== String(number));
  const higher = others.find(({ name }) => Number(name) > number);
  if (higher !== undefined) throw refuse(options, higher);
  refuseLive(others, now, options);
  const shared = directory === undefined ? await readLocks(storage, "shared", { signal }) : [];
  refuseLive(
    shared.filter((lock) => !isOfRun(lock, owner)),
    now,
    options,
  );
  const dead = others.map(({ key }) => key); // so that few are read by the next one
  if (dead.length > 0) await deleteKeys(storage, dead, { signal });
}

/** Of the run itself, or of one that it goes on for. */
function isOfRun({ name, body }: Lock, { runId }: LockBody): boolean {
  return name === runId || body?.runId === runId;
}

interface Holder {
  guard(): Promise<void>;
  release(): Promise<void>;
}

interface HolderOptions extends ExclusiveLockOptions, Taken {
  readonly own: { readonly key: string; readonly body: string };
}

function createHolder(storage: Storage, options: HolderOptions): Holder {
  const { owner, number, at: takenAt, own, signal, staleMs = STALE_MS } = options;
  let refreshedAt = takenAt;
  let isLost = false;
  const isOvertaken = async (call: Call): Promise<boolean> => {
    for await (const { key } of objectsIn(storage, directoryOf(options), call))
      if (Number(key.split("/").at(-1)) > number) return true;
    return false;
  };
  const refresh = async (): Promise<void> => {
    const at = await writeLock(storage, own, { signal });
    if (at - refreshedAt >= staleMs) isLost = true; // meanwhile anybody could take this run for dead
    refreshedAt = at;
  };
  return {
    guard: async () => {
      const isTooLate = startLook(staleMs);
      if (!isLost) await refresh();
      if (isLost || (await isOvertaken({ signal })) || isTooLate()) {
        isLost = true;
        throw lost(owner);
      }
    },
    release: async () => {
      const overtaken = isLost || (await isOvertaken({})); // without the signal: it is given back also by a run that was stopped
      if (overtaken) await deleteKeys(storage, [own.key]);
      else await writeLock(storage, { key: own.key, body: encodeLock({ ...owner, released: true }) });
    },
  };
}

function keepRefreshing(holder: Holder, { onFailure, refreshMs = REFRESH_MS }: ExclusiveLockOptions): ExclusiveLock {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (change: () => Promise<unknown>): Promise<unknown> => {
    last = last.then(change).catch(onFailure);
    return last;
  };
  const timer = setInterval(() => void inTurn(() => holder.guard()), refreshMs);
  timer.unref();
  return {
    guard: async () => {
      await last;
      await holder.guard();
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await inTurn(() => holder.release());
    },
  };
}

function lost({ kind, runId }: LockBody): BackupError {
  return new BackupError("locked", `The lock of this ${kind} was lost: it was not refreshed for too long`, {
    facts: { runId },
    hint: "what was not done yet is left as it is; look who is there and run it again",
  });
}
