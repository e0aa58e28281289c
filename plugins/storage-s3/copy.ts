import type { CompletedPart } from "@aws-sdk/client-s3";
import { StorageError, throwIfAborted } from "../../src/plugin.ts";
import type { Call, CopyRequest, ObjectInfo, StorageLocation } from "../../src/plugin.ts";
import { within } from "./client.ts";
import type { Bucket } from "./client.ts";
import { guard } from "./errors.ts";
import { attributesOf, infoOf, quoted } from "./objects.ts";
import { inParts, partSizeOf } from "./parts.ts";
import type { PartsTarget } from "./parts.ts";
import { findObject } from "./read.ts";

const LEAST_PART_BYTES = 10 * 1024 * 1024;
const PARTS_AT_ONCE = 4;

interface Copy extends CopyRequest {
  readonly sourceBucket: string;
  readonly signal: AbortSignal | undefined;
}

/** Whether the service can be asked: one service, region and account. */
export function isSameService(a: StorageLocation, b: StorageLocation): boolean {
  return a.type === b.type && a.endpoint === b.endpoint && a.region === b.region && a.account === b.account;
}

export async function copyObject(
  bucket: Bucket,
  from: StorageLocation,
  { request, signal }: { request: CopyRequest } & Call,
): Promise<ObjectInfo> {
  throwIfAborted(request.key, signal);
  const sourceKey = from.prefix === "" ? request.sourceKey : `${from.prefix}/${request.sourceKey}`;
  const copy: Copy = { ...request, sourceKey, sourceBucket: from.bucket ?? bucket.name, signal };
  const { bytes } = copy;
  return guard({ action: "copy", key: sourceKey, bucket: copy.sourceBucket }, () => {
    if (bytes !== undefined && bytes <= bucket.settings.copyPartThreshold) return copyWhole(bucket, copy, bytes);
    return copyKnown(bucket, copy);
  });
}

async function copyKnown(bucket: Bucket, copy: Copy): Promise<ObjectInfo> {
  const { sourceKey, sourceBucket, signal, bytes } = copy;
  const source = await findObject({ ...bucket, name: sourceBucket }, sourceKey, { signal });
  const what = `Cannot copy "${sourceKey}" in bucket ${sourceBucket}`;
  if (source === undefined) throw new StorageError("missing", `${what}: there is no such object`, { key: sourceKey });
  if (bytes !== undefined && bytes !== source.bytes) {
    const message = `${what}: ${bytes} bytes were expected, it has ${source.bytes}`;
    throw new StorageError("corrupt", message, { key: sourceKey });
  }
  if (source.bytes <= bucket.settings.copyPartThreshold) return copyWhole(bucket, copy, source.bytes);
  return copyParts(bucket, copy, source);
}

async function copyWhole(bucket: Bucket, copy: Copy, bytes: number): Promise<ObjectInfo> {
  const { CopyObjectResult: reply, ServerSideEncryption: encryption } = await bucket.s3.copyObject(
    {
      Bucket: bucket.name,
      Key: copy.key,
      CopySource: copySourceOf(copy),
      ChecksumAlgorithm: "SHA256",
      ...attributesOf(bucket),
    },
    within(copy.signal),
  );
  return infoOf(copy.key, bytes, encryption?.startsWith("aws:kms") ? { ...reply, ETag: undefined } : (reply ?? {})); // an etag there is no MD5, and looks like one
}

/** If-Match holds all parts to one version of the source. */
async function copyParts(bucket: Bucket, copy: Copy, source: ObjectInfo): Promise<ObjectInfo> {
  const partSize = partSizeOf(source.bytes, LEAST_PART_BYTES);
  const send = (target: PartsTarget): Promise<readonly CompletedPart[]> =>
    atOnce(Math.ceil(source.bytes / partSize), copy.signal, async (index, signal) => {
      const start = index * partSize;
      const part = {
        ...target,
        PartNumber: index + 1,
        CopySource: copySourceOf(copy),
        CopySourceRange: `bytes=${start}-${Math.min(start + partSize, source.bytes) - 1}`,
        CopySourceIfMatch: quoted(source.etag),
      };
      const { CopyPartResult } = await bucket.s3.uploadPartCopy(part, within(signal));
      return { PartNumber: part.PartNumber, ETag: CopyPartResult?.ETag };
    });
  const reply = await inParts(bucket, { key: copy.key, options: { signal: copy.signal }, send });
  return infoOf(copy.key, source.bytes, reply);
}

function copySourceOf({ sourceBucket, sourceKey }: Copy): string {
  return [sourceBucket, ...sourceKey.split("/")].map(encodeURIComponent).join("/");
}

/** Makes the calls 0 to count - 1, a few at once. When one fails the others are stopped, and waited for. */
async function atOnce<T>(
  count: number,
  signal: AbortSignal | undefined,
  call: (index: number, signal: AbortSignal) => Promise<T>,
): Promise<readonly T[]> {
  const failed = new AbortController();
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const results: T[] = [];
  const indexes = Array.from({ length: count }, (_, index) => index).values();
  const work = async (): Promise<void> => {
    for (const index of indexes) {
      if (failed.signal.aborted) return;
      try {
        results[index] = await call(index, either);
      } catch (error) {
        failed.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, work));
  if (failed.signal.aborted) throw failed.signal.reason;
  return results;
}
