import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { isBackupError } from "../core/errors.ts";
import { controlKeys } from "../format/keys.ts";
import type { LockKind } from "../format/keys.ts";
import { findLockBody } from "../format/lock.ts";
import type { LockBody } from "../format/lock.ts";
import { bytesBody, readBytes } from "../io/body.ts";
import { isGone } from "../io/process-identity.ts";
import type { ProcessIdentity } from "../io/process-identity.ts";
import { deleteKeys } from "./delete-backup.ts";

/** A lock that was not refreshed for so long is nobody's any more. */
export const STALE_MS: number = 30 * 60_000;

export interface Lock {
  readonly key: string;
  /** Its number, or the id of its run. */
  readonly name: string;
  readonly modifiedAt?: Date | undefined;
  /** Undefined when what stands there is no lock's body: somebody holds it all the same. */
  readonly body?: LockBody | undefined;
  /** Its process ran on this system and is gone for certain. */
  readonly isGone?: boolean | undefined;
}

/** The locks of a kind that are there, those that were given back among them. */
export function readLocks(storage: Storage, kind: LockKind, call: Call = {}): Promise<Lock[]> {
  return readLocksIn(storage, controlKeys.locks(kind), call);
}

/** Those below a directory, whose name ends with its slash. */
export async function readLocksIn(storage: Storage, prefix: string, call: Call = {}): Promise<Lock[]> {
  const infos: ObjectInfo[] = [];
  for await (const entry of storage.list(prefix, call)) if (entry.kind === "object") infos.push(entry);
  const locks = await Promise.all(infos.map((info) => readJudged(storage, info, call)));
  return locks.filter((lock) => lock !== undefined);
}

/** The lock, and whether its process is known to be gone; undefined when it is not there, or was given back meanwhile. */
export async function readJudged(
  storage: Storage,
  info: Pick<ObjectInfo, "key" | "modifiedAt">,
  call: Call = {},
): Promise<Lock | undefined> {
  const lock = await readLock(storage, info, call);
  return lock && { ...lock, isGone: await isGone(processOf(lock.body)) };
}

/** What stands there, undefined when nothing does. */
export async function readLock(
  storage: Storage,
  { key, modifiedAt: listedAt }: Pick<ObjectInfo, "key" | "modifiedAt">,
  call: Call = {},
): Promise<Lock | undefined> {
  try {
    const read = await storage.read(key, call);
    const body = findLockBody(new TextDecoder().decode(await readBytes(read.body)));
    const modifiedAt = read.info.modifiedAt ?? listedAt;
    return { key, name: key.slice(key.lastIndexOf("/") + 1), modifiedAt, body };
  } catch (error) {
    if (isStorageError(error, "missing")) return undefined;
    throw error;
  }
}

function processOf(body: LockBody | undefined): ProcessIdentity | undefined {
  return body?.system === undefined ? undefined : { system: body.system, pid: body.pid };
}

/** Whether somebody still refreshes it; without a time of the store's only a process that is gone is known to be dead. */
export function isLive({ body, modifiedAt, isGone: isDead }: Lock, { now, staleMs = STALE_MS }: StoreTime): boolean {
  if (body?.released === true || isDead === true) return false;
  return modifiedAt === undefined || !(now - modifiedAt.getTime() >= staleMs);
}

export interface StoreTime {
  /** The store's clock, in milliseconds since 1970; NaN where it keeps none. */
  readonly now: number;
  readonly staleMs?: number | undefined;
}

/**
 * Begins a look of a lock's holder. Told when it is at its end whether it took so long that what he wrote before may be
 * stale already: a store may give a refresh the time at which it began, and another may take it over before it is seen.
 */
export function startLook(staleMs: number): () => boolean {
  const startedMs = performance.now(); // goes on also while a process is stopped, and does not jump with the machine's clock
  return () => performance.now() - startedMs >= staleMs / 2; // half: stores that tell whole seconds are off by one
}

/** Writes a lock's key, and gives back when that was by the store's own clock; NaN where the store keeps no times. */
export async function writeLock(
  storage: Storage,
  { key, body }: { readonly key: string; readonly body: string },
  options: Call & { readonly ifAbsent?: boolean } = {},
): Promise<number> {
  const written = await storage.write(key, bytesBody(body), options);
  const info = written.modifiedAt === undefined ? await storage.stat(key, { signal: options.signal }) : written;
  return info?.modifiedAt?.getTime() ?? Number.NaN;
}

/** The store's clock, which is asked for by writing there. */
export async function readStoreTime(storage: Storage, runId: string, call: Call = {}): Promise<number> {
  const key = controlKeys.time(runId);
  const now = await writeLock(storage, { key, body: "" }, call);
  try {
    await deleteKeys(storage, [key], call);
  } catch (error) {
    if (!isBackupError(error) || error.code !== "refused") throw error; // kept under a retention lock, as all is there
  }
  return now;
}

/** What a store says that lets nobody write, or not this one. */
export function isReadOnly(error: unknown): boolean {
  return isStorageError(error, "denied") || isStorageError(error, "unsupported");
}
