import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { controlKeys } from "../format/keys.ts";
import { findLockBody } from "../format/lock.ts";
import type { LockBody } from "../format/lock.ts";
import { bytesBody, readBytes } from "../io/body.ts";

/** A lock that was not refreshed for so long is nobody's any more. */
export const STALE_MS: number = 30 * 60_000;

export interface Lock {
  readonly key: string;
  /** Its number, or the id of its run. */
  readonly name: string;
  readonly modifiedAt?: Date | undefined;
  /** Undefined when what stands there is no lock's body: somebody holds it all the same. */
  readonly body?: LockBody | undefined;
}

/** The locks of a kind that are there, those that were given back among them. */
export async function readLocks(storage: Storage, kind: "exclusive" | "shared", call: Call = {}): Promise<Lock[]> {
  const prefix = controlKeys.locks(kind);
  const infos: ObjectInfo[] = [];
  for await (const entry of storage.list(prefix, call)) if (entry.kind === "object") infos.push(entry);
  const locks = await Promise.all(infos.map((info) => readLock(storage, { info, prefix }, call)));
  return locks.filter((lock) => lock !== undefined);
}

/** Undefined when it was given back meanwhile. */
async function readLock(
  storage: Storage,
  { info, prefix }: { readonly info: ObjectInfo; readonly prefix: string },
  call: Call,
): Promise<Lock | undefined> {
  try {
    const read = await storage.read(info.key, call);
    const body = findLockBody(new TextDecoder().decode(await readBytes(read.body)));
    const modifiedAt = read.info.modifiedAt ?? info.modifiedAt;
    return { key: info.key, name: info.key.slice(prefix.length), modifiedAt, body };
  } catch (error) {
    if (isStorageError(error, "missing")) return undefined;
    throw error;
  }
}

/** Whether somebody still refreshes it; without a time of the store's nobody can say that it is dead. */
export function isLive({ body, modifiedAt }: Lock, { now, staleMs = STALE_MS }: StoreTime): boolean {
  if (body?.released === true) return false;
  return modifiedAt === undefined || now - modifiedAt.getTime() < staleMs;
}

export interface StoreTime {
  /** The store's clock, in milliseconds since 1970. */
  readonly now: number;
  readonly staleMs?: number | undefined;
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
