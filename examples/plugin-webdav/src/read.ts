import { StorageError, throwIfAborted } from "milvus-backup/plugin";
import type { ByteRange, ObjectInfo, ReadOptions, ReadResult } from "milvus-backup/plugin";
import type { Client } from "./client.ts";

export async function readObject(client: Client, key: string, options: ReadOptions = {}): Promise<ReadResult> {
  const { range, ifMatch, signal } = options;
  const found = await client.find(key, { signal });
  if (found?.kind !== "object")
    throw new StorageError("missing", `Cannot read "${key}": there is no such object`, { key });
  const { info } = found;
  if (ifMatch !== undefined && ifMatch !== info.etag)
    throw new StorageError("precondition", `Cannot read "${key}": it is not the version that was asked for`, { key });
  const { start, end } = toPart(info, range);
  if (start >= end) return { info, body: nothing() };
  return { info, body: readBytes(client, info, { start, end, signal }) };
}

function toPart({ bytes }: ObjectInfo, { start, end = bytes }: ByteRange = { start: 0 }): ByteRange & { end: number } {
  return { start, end: Math.min(end, bytes) };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

interface Part {
  readonly start: number;
  /** The byte after the last one. */
  readonly end: number;
  readonly signal: AbortSignal | undefined;
}

/** Requested when it is first read; exactly the bytes that are asked for, or an error. */
async function* readBytes(client: Client, { key, bytes }: ObjectInfo, part: Part): AsyncGenerator<Uint8Array> {
  const { start, end, signal } = part;
  const isWhole = start === 0 && end === bytes;
  const headers = isWhole ? {} : { range: `bytes=${start}-${end - 1}` };
  const response = await client.send("GET", key, { signal, headers, expect: [isWhole ? 200 : 206] });
  let left = end - start;
  for await (const chunk of chunksOf(response, key, signal)) {
    throwIfAborted(key, signal);
    left -= chunk.length;
    yield chunk;
  }
  if (left !== 0) throw new StorageError("corrupt", `Cannot read "${key}": ${left} bytes more were expected`, { key });
}

async function* chunksOf({ body }: Response, key: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  try {
    yield* body as AsyncIterable<Uint8Array>; // which it is on Node and Deno, not by the types of both
  } catch (cause) {
    throwIfAborted(key, signal);
    throw new StorageError("unavailable", `Cannot read "${key}": the server broke off`, { key, cause });
  }
}
