import { deleteKeys } from "../catalog/delete-backup.ts";
import type { ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { keyInBackup } from "../format/keys.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import { digestObject, hashObject } from "../io/hash-object.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { listPayload } from "./payload.ts";
import type { TransferJob } from "./transfer-objects.ts";

/** What an earlier attempt left of a collection, and what is known of it. */
export interface LeftPayload {
  readonly storage: Storage;
  readonly backup: string;
  readonly collectionId: bigint;
  /** Of the objects that may be there: what was recorded of each, or undefined when nothing was. */
  recordOf(key: string): ObjectEntry | undefined;
  /** Whether an object belongs there; what does not is removed. */
  isExpected(key: string): boolean;
}

/** The keys of the objects that are in the target as they were recorded; what should not be there at all is removed. */
export async function keepProven(job: TransferJob, left: LeftPayload): Promise<ReadonlySet<string>> {
  const { storage, backup, collectionId } = left;
  const { signal } = job.run;
  const kept = new Set<string>();
  const extras: string[] = [];
  const found = listPayload(storage, { backup, collectionId, signal });
  await forEachConcurrent(found, { concurrency: job.limits.objects, signal }, async ({ key, bytes }) => {
    if (!left.isExpected(key)) return void extras.push(keyInBackup(backup, key));
    const entry = left.recordOf(key);
    if (entry === undefined || bytes !== storedBytes(entry)) return;
    if (await job.objectLimit(() => isProven(left, entry, signal))) kept.add(key);
  });
  await deleteKeys(storage, extras, { signal });
  return kept;
}

async function isProven({ storage, backup }: LeftPayload, entry: ObjectEntry, signal: AbortSignal): Promise<boolean> {
  const key = keyInBackup(backup, entry.key);
  const info = await storage.stat(key, { signal });
  const isSame = entry.sha256 !== undefined || (entry.etag !== undefined && entry.etag === info?.etag);
  return info !== undefined && isSame && (await isIntact(storage, { entry, info: { ...info, key } }, signal));
}

interface Recorded {
  readonly entry: Pick<ObjectEntry, "sha256" | "etag" | "stored">;
  /** What the store tells of it by itself: with the key alone it is read. */
  readonly info: Pick<ObjectInfo, "key" | "sha256" | "etag">;
}

/** By what the store knows of it, or by reading it; true where no checksum was recorded. */
export async function isIntact(storage: Storage, { entry, info }: Recorded, signal: AbortSignal): Promise<boolean> {
  const { key } = info;
  const { sha256 } = entry.stored ?? entry;
  if (sha256 !== undefined) return (info.sha256 ?? (await hashObject(storage, key, { signal }))) === sha256;
  const { etag } = entry;
  if (etag === undefined || etag === info.etag) return true;
  return (await digestObject(storage, { key, algorithm: "md5" }, { signal })) === etag;
}

/** What the target holds of it. */
export function storedBytes({ bytes, stored }: ObjectEntry): number {
  return stored?.bytes ?? bytes;
}
