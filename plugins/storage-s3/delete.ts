import type { DeleteObjectsCommandOutput } from "@aws-sdk/client-s3";
import { isStorageError, StorageError, throwIfAborted } from "../../src/plugin.ts";
import type { Call, DeleteResult } from "../../src/plugin.ts";
import { within } from "./client.ts";
import type { Bucket } from "./client.ts";
import { guard, toStorageError } from "./errors.ts";

/** What one request may name. */
const BATCH = 1_000;

interface Outcome {
  readonly key: string;
  readonly error?: StorageError;
}

export async function deleteObjects(bucket: Bucket, keys: readonly string[], call: Call = {}): Promise<DeleteResult> {
  const outcomes: Outcome[] = [];
  for (let start = 0; start < keys.length; start += BATCH) {
    const batch = keys.slice(start, start + BATCH);
    throwIfAborted(batch[0] ?? "", call.signal);
    outcomes.push(...(await deleteBatch(bucket, batch, call)));
  }
  const deleted: string[] = [];
  const retained: string[] = [];
  const failed: { key: string; error: StorageError }[] = [];
  for (const { key, error } of outcomes) {
    if (error === undefined || error.code === "missing") deleted.push(key);
    else if (error.code === "locked") retained.push(key);
    else failed.push({ key, error });
  }
  return { deleted, failed, retained };
}

async function deleteBatch(bucket: Bucket, keys: readonly string[], call: Call): Promise<readonly Outcome[]> {
  try {
    return await guard({ action: "delete from", bucket: bucket.name }, async () => {
      const input = { Bucket: bucket.name, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } };
      return outcomesOf(bucket, keys, await bucket.s3.deleteObjects(input, within(call.signal)));
    });
  } catch (error) {
    if (!isStorageError(error, "unsupported")) throw error;
    return deleteEach(bucket, keys, call); // Google's service, for one, has no DeleteObjects
  }
}

function outcomesOf(bucket: Bucket, keys: readonly string[], reply: DeleteObjectsCommandOutput): readonly Outcome[] {
  const errors = new Map<string, StorageError>();
  for (const { Key: key, Code = "", Message = "" } of reply.Errors ?? []) {
    if (key === undefined)
      throw new StorageError("corrupt", `Cannot tell what bucket ${bucket.name} did not delete: ${Message}`);
    errors.set(key, errorOf(bucket, key, { name: Code, message: Message }));
  }
  return keys.map((key) => {
    const error = errors.get(key);
    return error === undefined ? { key } : { key, error };
  });
}

/** A key's error in the reply has a code and a message only. */
function errorOf(bucket: Bucket, key: string, { name, message }: { name: string; message: string }): StorageError {
  const status: Readonly<Record<string, number>> = { AccessDenied: 403, NoSuchKey: 404 };
  const cause = Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status[name] ?? 500 } });
  const error = toStorageError(cause, { action: "delete", key, bucket: bucket.name });
  return isStorageError(error) ? error : new StorageError("unavailable", message, { key });
}

async function deleteEach(bucket: Bucket, keys: readonly string[], call: Call): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const key of keys) {
    throwIfAborted(key, call.signal);
    try {
      await guard({ action: "delete", key, bucket: bucket.name }, () =>
        bucket.s3.deleteObject({ Bucket: bucket.name, Key: key }, within(call.signal)),
      );
      outcomes.push({ key });
    } catch (error) {
      if (!isStorageError(error)) throw error;
      outcomes.push({ key, error });
    }
  }
  return outcomes;
}
