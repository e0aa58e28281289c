import { Buffer } from "node:buffer";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { ObjectBody, Storage } from "../core/contracts/storage.ts";

/** A body of bytes or text that is in memory anyway: small metadata only. */
export function bytesBody(content: string | Uint8Array): ObjectBody {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return {
    size: bytes.length,
    async *open(offset = 0) {
      if (offset < bytes.length) yield bytes.subarray(offset);
    },
  };
}

/** The file's bytes as they are now. */
export async function fileBody(path: string): Promise<ObjectBody> {
  const { size } = await stat(path);
  return { size, open: (offset = 0) => createReadStream(path, { start: offset }) };
}

/** An object of another storage, opened anew for each attempt. */
export function objectBody(storage: Storage, object: { key: string; bytes: number }, signal?: AbortSignal): ObjectBody {
  return {
    size: object.bytes,
    async *open(offset = 0) {
      const range = offset === 0 ? {} : { range: { start: offset } };
      const { body } = await storage.read(object.key, { signal, ...range });
      yield* body;
    },
  };
}

/** The whole of a small object. */
export async function readBytes(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
