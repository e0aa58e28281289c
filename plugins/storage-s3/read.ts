import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { isStorageError, StorageError, throwIfAborted } from "../../src/plugin.ts";
import type { ByteRange, Call, ObjectInfo, ReadOptions, ReadResult } from "../../src/plugin.ts";
import { within } from "./client.ts";
import type { Bucket } from "./client.ts";
import { guard, statusOf, toStorageError } from "./errors.ts";
import { infoOf, quoted } from "./objects.ts";

export async function findObject(bucket: Bucket, key: string, call: Call = {}): Promise<ObjectInfo | undefined> {
  throwIfAborted(key, call.signal);
  try {
    return await guard({ action: "stat", key, bucket: bucket.name }, async () => {
      const input = { Bucket: bucket.name, Key: key, ChecksumMode: "ENABLED" } as const;
      const reply = await bucket.s3.headObject(input, within(call.signal));
      return infoOf(key, reply.ContentLength ?? 0, reply);
    });
  } catch (error) {
    if (isStorageError(error, "missing")) return undefined; // open made sure that the bucket is there
    throw error;
  }
}

export async function readObject(bucket: Bucket, key: string, options: ReadOptions = {}): Promise<ReadResult> {
  const { range, ifMatch, signal } = options;
  throwIfAborted(key, signal);
  if (isEmpty(range)) return readNothing(bucket, key, options);
  return guard({ action: "read", key, bucket: bucket.name }, async () => {
    const input = { Bucket: bucket.name, Key: key, Range: headerOf(range), IfMatch: quoted(ifMatch) };
    try {
      const reply = await bucket.s3.getObject(input, within(signal));
      return { info: infoOf(key, sizeOf(reply), reply), body: bytesOf(bucket, { key, reply, signal }) };
    } catch (error) {
      if (!isBeyondTheEnd(error)) throw error;
      return readNothing(bucket, key, options);
    }
  });
}

interface Download {
  readonly key: string;
  readonly reply: GetObjectCommandOutput;
  readonly signal: AbortSignal | undefined;
}

/** A connection that breaks may look like the end of the body: the bytes are counted. */
async function* bytesOf(bucket: Bucket, { key, reply, signal }: Download): AsyncGenerator<Uint8Array> {
  const { Body: body, ContentLength: expected } = reply;
  let bytes = 0;
  try {
    if (!isIterable(body)) throw new TypeError("The SDK gave no stream");
    for await (const chunk of body) {
      throwIfAborted(key, signal);
      bytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throwIfAborted(key, signal); // an abort shows as a broken connection
    throw toStorageError(error, { action: "read", key, bucket: bucket.name });
  }
  if (bytes === expected) return;
  const message = `Cannot read "${key}" in bucket ${bucket.name}: the transfer ended after ${bytes} of ${expected} bytes`;
  throw new StorageError("unavailable", message, { key });
}

function isIterable(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

/** Of the whole object: "bytes 0-9/200" has 200. */
function sizeOf({ ContentRange, ContentLength }: GetObjectCommandOutput): number {
  const total = ContentRange?.split("/")[1];
  return total === undefined ? (ContentLength ?? 0) : Number(total);
}

function headerOf(range: ByteRange | undefined): string | undefined {
  if (range === undefined) return undefined;
  return `bytes=${range.start}-${range.end === undefined ? "" : range.end - 1}`;
}

function isEmpty(range: ByteRange | undefined): boolean {
  return range?.end !== undefined && range.end <= range.start;
}

function isBeyondTheEnd(error: unknown): boolean {
  return error instanceof Error && statusOf(error) === 416;
}

/** The service refuses ranges that hold no byte. */
async function readNothing(bucket: Bucket, key: string, options: ReadOptions): Promise<ReadResult> {
  const info = await findObject(bucket, key, options);
  const what = `"${key}" in bucket ${bucket.name}`;
  if (info === undefined) throw new StorageError("missing", `Cannot read ${what}: there is no such object`, { key });
  if (options.ifMatch !== undefined && options.ifMatch !== info.etag) {
    throw new StorageError("precondition", `Cannot read ${what}: it is not the version that was asked for`, { key });
  }
  return { info, body: nothing() };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
