import { createHash } from "node:crypto";
import { isStorageError, StorageError } from "../../src/plugin.ts";
import type { ObjectInfo } from "../../src/plugin.ts";
import type { Bucket } from "./client.ts";
import { guard } from "./errors.ts";
import { readObject } from "./read.ts";

/** What the service has shown of itself since the storage was opened. */
export interface Learned {
  /** It refuses ifAbsent where something is. */
  ifAbsent: boolean;
  /** Its etags are MD5s, as far as is known. */
  md5Etags: boolean;
}

/**
 * A service that does not know If-None-Match ignores it, and every writer would win. So the first such write that
 * succeeds is made again, with the same bytes: now it must be refused.
 */
export async function checkIfAbsent(bucket: Bucket, key: string, writeAgain: () => Promise<unknown>): Promise<void> {
  if (bucket.learned.ifAbsent) return;
  try {
    await guard({ action: "write", key, bucket: bucket.name }, writeAgain);
  } catch (error) {
    if (!isStorageError(error, "precondition")) throw error;
    bucket.learned.ifAbsent = true;
    return;
  }
  const message = `Cannot write "${key}" in bucket ${bucket.name} only if it is absent: the service ignores If-None-Match`;
  throw new StorageError("unsupported", message, { key });
}

/**
 * Compares what the service stored with what was sent, by the etag. Not every etag is an MD5 (encryption, some
 * services): when the first differs, the object is read back, and if that is right etags are not looked at any more.
 */
export async function checkStored(
  bucket: Bucket,
  info: ObjectInfo,
  { md5, signal }: { md5: string; signal: AbortSignal | undefined },
): Promise<void> {
  const { key, etag, sha256 } = info;
  if (!bucket.learned.md5Etags || etag === undefined || etag.toLowerCase() === md5) return;
  const stored = await readSha256(bucket, { key, etag, signal });
  if (stored === undefined || stored === sha256) {
    bucket.learned.md5Etags = false;
    return;
  }
  await bucket.s3.deleteObject({ Bucket: bucket.name, Key: key });
  const message = `Cannot write "${key}" in bucket ${bucket.name}: sha256 ${sha256} was sent, ${stored} is stored`;
  throw new StorageError("corrupt", message, { key });
}

/** Undefined when it cannot be read, e.g. because the credentials are for writing only. */
async function readSha256(
  bucket: Bucket,
  { key, etag, signal }: { key: string; etag: string; signal: AbortSignal | undefined },
): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    const { body } = await readObject(bucket, key, { ifMatch: etag, signal });
    for await (const chunk of body) hash.update(chunk);
    return hash.digest("hex");
  } catch (error) {
    if (isStorageError(error, "denied") || isStorageError(error, "missing")) return undefined;
    if (isStorageError(error, "precondition")) return undefined; // replaced meanwhile
    throw error;
  }
}
