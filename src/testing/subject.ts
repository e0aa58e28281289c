import { Buffer } from "node:buffer";
import { isStorageError } from "../plugin.ts";
import type { ListEntry, ObjectBody, ReadOptions, Storage, StorageErrorCode } from "../plugin.ts";

/** What a group of tests runs on. */
export interface Subject {
  readonly storage: Storage;
  /** Stands before every key of the test under way; ends in "/". */
  readonly prefix: string;
  readonly largeObjectBytes: number;
  readonly manyObjects: number;
}

const CHUNK_BYTES = 64 * 1024;

export function bodyOf(content: string | Uint8Array): ObjectBody {
  const bytes = Buffer.from(content);
  return {
    size: bytes.length,
    async *open(offset = 0) {
      for (let start = offset; start < bytes.length; start += CHUNK_BYTES) {
        yield bytes.subarray(start, start + CHUNK_BYTES);
      }
    },
  };
}

/** Bytes that differ from place to place, so that no two parts of them can be taken for each other. */
export function patternOf(size: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  for (let index = 0, state = 1; index < size; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

export async function writeText(storage: Storage, key: string, text: string): Promise<void> {
  await storage.write(key, bodyOf(text));
}

export async function readBytes(storage: Storage, key: string, options?: ReadOptions): Promise<Buffer> {
  const { body } = await storage.read(key, options);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function readText(storage: Storage, key: string, options?: ReadOptions): Promise<string> {
  return (await readBytes(storage, key, options)).toString("utf8");
}

/** The keys and prefixes of a list, in its order. */
export async function keysOf(entries: AsyncIterable<ListEntry>): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const entry of entries) keys.push(entry.kind === "object" ? entry.key : entry.prefix);
  return keys;
}

/** How the call ended: "done", or the code of the StorageError it threw; any other error is thrown on. */
export async function outcomeOf(call: Promise<unknown>): Promise<StorageErrorCode | "done"> {
  try {
    await call;
    return "done";
  } catch (error) {
    if (isStorageError(error)) return error.code;
    throw error;
  }
}

/** Runs the calls with at most 32 under way. */
export async function forEach<Item>(items: readonly Item[], call: (item: Item) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  const work = async (): Promise<void> => {
    for (const item of rest) await call(item);
  };
  await Promise.all(Array.from({ length: 32 }, work));
}
