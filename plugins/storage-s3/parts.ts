import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { CompletedPart, CompleteMultipartUploadCommandOutput } from "@aws-sdk/client-s3";
import { isStorageError, StorageError, throwIfAborted } from "../../src/plugin.ts";
import type { Call, ObjectInfo, WriteOptions } from "../../src/plugin.ts";
import { within } from "./client.ts";
import type { Bucket } from "./client.ts";
import { toStorageError } from "./errors.ts";
import { attributesOf, checksumOf, conditionsOf, infoOf } from "./objects.ts";
import { checkStored } from "./proofs.ts";
import { provenBytes, sendBytes } from "./upload.ts";
import type { Upload } from "./upload.ts";

/** What the protocol allows. */
const MAX_PARTS = 10_000;

export interface PartsTarget {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

interface PartsRequest {
  readonly key: string;
  readonly options: Call & WriteOptions;
  readonly send: (target: PartsTarget) => Promise<readonly CompletedPart[]>;
}

/**
 * Begins an upload in parts, has them sent, and ends it; when anything fails nothing is left of them. Beginning and
 * ending are not aborted half-way, since then it would not be known what is there.
 */
export async function inParts(
  bucket: Bucket,
  { key, options, send }: PartsRequest,
): Promise<CompleteMultipartUploadCommandOutput> {
  const object = { Bucket: bucket.name, Key: key };
  const begin = { ...object, ...attributesOf(bucket, options) };
  const { UploadId = "" } = await bucket.s3.createMultipartUpload(begin);
  const target = { ...object, UploadId };
  try {
    const Parts = [...(await send(target))];
    throwIfAborted(key, options.signal);
    return await bucket.s3.completeMultipartUpload({ ...target, MultipartUpload: { Parts }, ...conditionsOf(options) });
  } catch (error) {
    const failure = toStorageError(error, { action: "write", key, bucket: bucket.name });
    throw (await removeParts(bucket, target)) ? failure : withHint(failure, target);
  }
}

/** The size of the parts, of which the last may be smaller. */
export function partSizeOf(bytes: number, least: number): number {
  return Math.max(least, Math.ceil(bytes / MAX_PARTS));
}

/** One stream, cut into parts that are sent one after the other, so that none is held in memory. */
export async function writeParts(bucket: Bucket, upload: Upload): Promise<ObjectInfo> {
  const { key, body, options } = upload;
  const sha256 = createHash("sha256");
  const md5s: Buffer[] = [];
  const stream = splitBytes(provenBytes(upload, { sha256 }));
  const partSize = partSizeOf(body.size, bucket.settings.partSize);
  const checksum = checksumOf(options);
  const send = async (target: PartsTarget): Promise<readonly CompletedPart[]> => {
    const parts: CompletedPart[] = [];
    for (let start = 0; start < body.size; start += partSize) {
      const size = Math.min(partSize, body.size - start);
      const md5 = createHash("md5");
      const part = { ...target, PartNumber: parts.length + 1, ContentLength: size, ...checksum };
      const { ETag, ChecksumCRC32 } = await sendBytes(stream.take(size, md5), options.signal, (Body, signal) =>
        bucket.s3.uploadPart({ ...part, Body }, within(signal)),
      );
      parts.push({ PartNumber: part.PartNumber, ETag, ChecksumCRC32 });
      md5s.push(md5.digest());
    }
    return parts;
  };
  try {
    const reply = await inParts(bucket, { key, options, send });
    const info = { ...infoOf(key, body.size, reply), sha256: sha256.digest("hex") };
    const md5 = `${createHash("md5").update(Buffer.concat(md5s)).digest("hex")}-${md5s.length}`;
    await checkStored(bucket, info, { md5, signal: options.signal });
    return info;
  } finally {
    await stream.close();
  }
}

/** Cuts one stream of bytes into consecutive ones, each of which must be read to its end before the next. */
function splitBytes(bytes: AsyncIterable<Uint8Array>): {
  take(size: number, hash: { update(chunk: Uint8Array): unknown }): AsyncGenerator<Uint8Array>;
  close(): Promise<unknown>;
} {
  const iterator = bytes[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  return {
    async *take(size, hash) {
      for (let wanted = size; wanted > 0;) {
        const { done, value } = rest.length > 0 ? { done: false, value: rest } : await iterator.next();
        if (done) return;
        const chunk = value.subarray(0, wanted);
        rest = value.subarray(chunk.length);
        wanted -= chunk.length;
        hash.update(chunk);
        yield chunk;
      }
    },
    close: async () => iterator.return?.(),
  };
}

/** Also after an abort. False when the parts may still be there. */
async function removeParts(bucket: Bucket, target: PartsTarget): Promise<boolean> {
  try {
    await bucket.s3.abortMultipartUpload(target);
    return true;
  } catch (error) {
    return error instanceof Error && error.name === "NoSuchUpload";
  }
}

function withHint(failure: unknown, { UploadId }: PartsTarget): unknown {
  if (!isStorageError(failure)) return failure;
  const { code, message, key, retryAfterMs } = failure;
  const hint = `parts of it may be left as upload ${UploadId}: a lifecycle rule of the bucket can remove such`;
  return new StorageError(code, message, { key, retryAfterMs, hint, cause: failure });
}
