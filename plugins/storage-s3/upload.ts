import type { Hash } from "node:crypto";
import { Readable } from "node:stream";
import { checkSha256, exactBytes } from "../../src/plugin.ts";
import type { Call, ObjectBody, WriteOptions } from "../../src/plugin.ts";

/** One object to be written. */
export interface Upload {
  readonly key: string;
  readonly body: ObjectBody;
  readonly options: Call & WriteOptions;
}

/**
 * The bytes of the body, the last of them only when they are known to be all and the right ones: the service has no
 * whole object before that, so a wrong body replaces nothing. The hashes have seen all bytes when the last are given.
 */
export async function* provenBytes(
  { key, body, options }: Upload,
  hashes: { readonly sha256: Hash; readonly md5?: Hash },
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined;
  for await (const chunk of exactBytes(key, body, options.signal)) {
    if (chunk.length === 0) continue;
    hashes.sha256.update(chunk);
    hashes.md5?.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  checkSha256(key, body, hashes.sha256.copy().digest("hex"));
  if (held !== undefined) yield held;
}

/** Sends bytes as a request's body. When they fail, the request is given up and their error is thrown. */
export async function sendBytes<T>(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  send: (body: Readable, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const broken = new AbortController();
  const body = Readable.from(bytes, { objectMode: false });
  body.on("error", (error) => broken.abort(error));
  try {
    return await send(body, signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]));
  } catch (error) {
    throw broken.signal.aborted ? broken.signal.reason : error;
  } finally {
    body.destroy();
  }
}
