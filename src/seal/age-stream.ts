import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv } from "node:crypto";
import { SealError } from "./seal-error.ts";

/** The payload of an age file: STREAM with ChaCha20-Poly1305, https://age-encryption.org/v1. */
export const CHUNK_BYTES: number = 64 * 1024;
const TAG_BYTES = 16;
const STORED_CHUNK_BYTES: number = CHUNK_BYTES + TAG_BYTES;

/** How long the sealed payload of so many bytes is; an empty one has a chunk, too. */
export function sealedPayloadBytes(bytes: number): number {
  return bytes + Math.max(1, Math.ceil(bytes / CHUNK_BYTES)) * TAG_BYTES;
}

/** How many bytes are in a sealed payload of this length; undefined for a length that none has. */
export function plainPayloadBytes(bytes: number): number | undefined {
  const plain = bytes - Math.ceil(bytes / STORED_CHUNK_BYTES) * TAG_BYTES;
  return plain >= 0 && sealedPayloadBytes(plain) === bytes ? plain : undefined;
}

/** Bytes of a whole, from a place in it on, up to another one or its end. */
type OpenAt = (offset: number, end?: number) => AsyncIterable<Uint8Array>;

/** A whole of which the length is known. */
export interface Whole {
  readonly size: number;
  readonly open: OpenAt;
}

/** The sealed payload of a whole from an offset on. The same key seals the same bytes only, however often it is opened. */
export async function* sealPayload(key: Uint8Array, plain: Whole, offset: number): AsyncGenerator<Uint8Array> {
  if (offset >= sealedPayloadBytes(plain.size)) return;
  const first = Math.floor(offset / STORED_CHUNK_BYTES);
  let skip = offset - first * STORED_CHUNK_BYTES;
  const last = lastChunk(plain.size);
  for await (const { index, bytes } of cut(plain.open(first * CHUNK_BYTES), { first, last, chunkBytes: CHUNK_BYTES })) {
    const cipher = createCipheriv("chacha20-poly1305", key, nonceOf(index, index === last), {
      authTagLength: TAG_BYTES,
    });
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    yield sealed.subarray(skip);
    skip = 0;
  }
}

/** The bytes of a sealed payload from an offset on; a SealError for the first chunk that is not as it was sealed. */
export async function* openPayload(key: Uint8Array, sealed: Whole, offset: number): AsyncGenerator<Uint8Array> {
  const size = plainPayloadBytes(sealed.size);
  if (size === undefined) throw new SealError("damaged", "it is cut short, or longer than it was");
  if (offset > 0 && offset >= size) return;
  const first = Math.floor(offset / CHUNK_BYTES);
  let skip = offset - first * CHUNK_BYTES;
  const last = lastChunk(size);
  const from = sealed.open(first * STORED_CHUNK_BYTES);
  for await (const { index, bytes } of cut(from, { first, last, chunkBytes: STORED_CHUNK_BYTES })) {
    yield openChunk(key, bytes, nonceOf(index, index === last)).subarray(skip);
    skip = 0;
  }
}

function openChunk(key: Uint8Array, bytes: Uint8Array, nonce: Uint8Array): Uint8Array {
  const at = bytes.length - TAG_BYTES;
  if (at < 0) throw new SealError("damaged", "it is cut short");
  const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(at));
  const plain = decipher.update(bytes.subarray(0, at));
  try {
    decipher.final();
  } catch (cause) {
    throw new SealError("damaged", "its bytes are not those that were sealed", { cause });
  }
  return plain;
}

function lastChunk(plainBytes: number): number {
  return Math.max(0, Math.ceil(plainBytes / CHUNK_BYTES) - 1);
}

/** The chunk's number, and whether it is the last one: so none can be left out, or put elsewhere. */
function nonceOf(index: number, isLast: boolean): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

interface Cutting {
  readonly first: number;
  readonly last: number;
  readonly chunkBytes: number;
}

/** Whole chunks, up to the last one, which may be shorter, or empty. */
async function* cut(
  pieces: AsyncIterable<Uint8Array>,
  { first, last, chunkBytes }: Cutting,
): AsyncGenerator<{ readonly index: number; readonly bytes: Uint8Array }> {
  let index = first;
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    held.push(piece);
    length += piece.length;
    while (length >= chunkBytes && index < last) {
      const joined = Buffer.concat(held);
      yield { index, bytes: joined.subarray(0, chunkBytes) };
      index += 1;
      held = [joined.subarray(chunkBytes)];
      length -= chunkBytes;
    }
  }
  const rest = Buffer.concat(held);
  if (index !== last || rest.length > chunkBytes) throw new SealError("damaged", "it has another length than it had");
  yield { index, bytes: rest };
}
