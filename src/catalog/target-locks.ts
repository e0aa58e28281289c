import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import type { TargetLock } from "../core/unlock-plan.ts";
import { encodeLock } from "../format/lock.ts";
import type { LockBody } from "../format/lock.ts";
import { deleteKeys } from "./delete-backup.ts";
import { isLive, isReadOnly, readLocks, readLocksIn, readStoreTime, writeLock } from "./read-locks.ts";
import type { Lock } from "./read-locks.ts";

const KINDS = ["exclusive", "policy", "shared"] as const;

interface Looking extends Call {
  readonly target: string;
  /** The run that looks: the store's clock is asked for in its name. */
  readonly runId: string;
  /** Taken for the store's time where nothing can be written. */
  readonly now: () => Date;
}

/** The locks of a target that were not given back. Where there are some, the store's clock is asked for. */
export async function listTargetLocks(storage: Storage, looking: Looking): Promise<readonly TargetLock[]> {
  const { target, signal } = looking;
  const found: { readonly lock: TargetLock["lock"]; readonly held: Lock }[] = [];
  for (const lock of KINDS) {
    const there = await readLocks(storage, lock, { signal });
    found.push(...there.filter(({ body }) => body?.released !== true).map((held) => ({ lock, held })));
  }
  if (found.length === 0) return [];
  const now = await readTime(storage, looking);
  return found.map(({ lock, held }) => ({ target, lock, ...describe(held, now) }));
}

async function readTime(storage: Storage, { runId, now, signal }: Looking): Promise<number> {
  try {
    return await readStoreTime(storage, runId, { signal });
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    return now().getTime();
  }
}

function describe(lock: Lock, now: number): Omit<TargetLock, "target" | "lock"> {
  const { key, name, body, modifiedAt } = lock;
  const { runId: run = name, kind, backup, policy, host, pid, startedAt } = body ?? {};
  const ageMs = modifiedAt === undefined ? Number.NaN : now - modifiedAt.getTime();
  return {
    key,
    run,
    kind,
    backup,
    policy,
    host,
    pid,
    startedAt,
    refreshedAt: modifiedAt?.toISOString(),
    ageSeconds: Number.isNaN(ageMs) ? undefined : Math.max(0, Math.floor(ageMs / 1000)),
    state: isLive(lock, { now }) ? "live" : "stale",
  };
}

/**
 * Takes a lock from its holder. One who comes back sees it before he changes anything: his lease is gone, or a higher
 * number than his stands there, which is why what has a number is not simply deleted.
 */
export async function removeLock(
  storage: Storage,
  { lock, key }: Pick<TargetLock, "lock" | "key">,
  { by, signal }: Call & { readonly by: LockBody },
): Promise<void> {
  if (lock !== "shared") await overtake(storage, { by, directory: key.slice(0, key.lastIndexOf("/") + 1) }, { signal });
  await deleteKeys(storage, [key], { signal });
}

async function overtake(
  storage: Storage,
  { by, directory }: { readonly by: LockBody; readonly directory: string },
  { signal }: Call,
): Promise<void> {
  const numbers = (await readLocksIn(storage, directory, { signal })).map(({ name }) => Number(name));
  const key = `${directory}${Math.max(0, ...numbers.filter(Number.isSafeInteger)) + 1}`;
  const { ifAbsent } = storage.capabilities;
  try {
    await writeLock(storage, { key, body: encodeLock({ ...by, released: true }) }, { signal, ifAbsent });
  } catch (error) {
    if (!isStorageError(error, "precondition")) throw error;
    throw new BackupError("locked", "Cannot remove the lock: another run has taken it over just now", {
      hint: "milvus-backup unlock shows which",
      cause: error,
    });
  }
}
