import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { StorageError, throwIfAborted } from "../../src/plugin.ts";
import type { Call, ObjectInfo, ReadOptions, ReadResult } from "../../src/plugin.ts";
import type { Directory } from "./directory.ts";
import { pathOf } from "./directory.ts";
import { guardEach, hasCode } from "./errors.ts";
import { infoOf } from "./info.ts";

const CHUNK_BYTES = 256 * 1024;

/** The file is open from here on, so that the body is of the version that info tells of. */
export async function readObject(directory: Directory, key: string, options: ReadOptions = {}): Promise<ReadResult> {
  throwIfAborted(key, options.signal);
  const file = await openFile(pathOf(directory, key), key);
  try {
    const info = await infoOfOpen(file, key);
    if (options.ifMatch !== undefined && options.ifMatch !== info.etag) {
      throw new StorageError("precondition", `Cannot read "${key}": it is not the version that was asked for`, { key });
    }
    return { info, body: guardEach({ action: "read", key, root: directory.root }, readToEnd(file, info, options)) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Less than it takes to ask a thread. */
const SMALL_BYTES = 256 * 1024;

/** By a thread of its own, so that several large files are read at once. */
export async function hashObject(directory: Directory, key: string, call: Call = {}): Promise<string> {
  throwIfAborted(key, call.signal);
  const path = pathOf(directory, key);
  const file = await openFile(path, key);
  try {
    const { bytes } = await infoOfOpen(file, key);
    if (bytes > SMALL_BYTES) return await directory.hashes.sha256Of(path);
    return createHash("sha256")
      .update(await file.readFile())
      .digest("hex");
  } finally {
    await file.close();
  }
}

/** The bytes of an open file from start to before end. */
async function* readChunks(file: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let position = start; position < end;) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - position));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
    position += bytesRead;
  }
}

async function openFile(path: string, key: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (hasCode(error, "ENOTDIR", "EISDIR", "ENAMETOOLONG")) throw missing(key);
    throw error;
  }
}

async function infoOfOpen(file: FileHandle, key: string): Promise<ObjectInfo> {
  const stats = await file.stat({ bigint: true });
  if (!stats.isFile()) throw missing(key);
  return infoOf(key, stats);
}

async function* readToEnd(file: FileHandle, info: ObjectInfo, options: ReadOptions): AsyncGenerator<Uint8Array> {
  const start = options.range?.start ?? 0;
  const end = Math.min(options.range?.end ?? info.bytes, info.bytes);
  let position = start;
  try {
    for await (const chunk of readChunks(file, start, end)) {
      throwIfAborted(info.key, options.signal);
      position += chunk.length;
      yield chunk;
    }
  } finally {
    await file.close();
  }
  if (position < end) {
    const message = `Cannot read "${info.key}": it ends at byte ${position} and had ${info.bytes}`;
    throw new StorageError("corrupt", message, { key: info.key });
  }
}

function missing(key: string): StorageError {
  return new StorageError("missing", `Cannot read "${key}": there is no such object`, { key });
}
