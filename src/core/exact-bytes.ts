import { StorageError } from "./contracts/storage.ts";
import type { ObjectBody } from "./contracts/storage.ts";

/**
 * What a storage reads a body through when it writes: the body's chunks, then StorageError "corrupt" when they were not
 * exactly body.size bytes. When the signal is aborted it ends with "aborted" at once, even if the body hangs.
 */
export async function* exactBytes(
  key: string,
  body: ObjectBody,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  throwIfAborted(key, signal);
  let bytes = 0;
  for await (const chunk of abortable(key, body.open(), signal)) {
    bytes += chunk.length;
    if (bytes > body.size) break;
    yield chunk;
  }
  if (bytes === body.size) return;
  const came = bytes > body.size ? "more" : `${bytes}`;
  throw new StorageError("corrupt", `Cannot write "${key}": ${body.size} bytes were expected, ${came} came`, { key });
}

/** Throws StorageError "corrupt" when the bytes that came are not those that the body says it has. */
export function checkSha256(key: string, body: ObjectBody, sha256: string): void {
  if (body.sha256 === undefined || body.sha256 === sha256) return;
  const message = `Cannot write "${key}": sha256 ${body.sha256} was expected, the bytes have ${sha256}`;
  throw new StorageError("corrupt", message, { key });
}

/** Throws StorageError "aborted" when the signal is. */
export function throwIfAborted(key: string, signal?: AbortSignal): void {
  if (signal?.aborted) throw abortedError(key, signal);
}

function abortedError(key: string, signal: AbortSignal): StorageError {
  return new StorageError("aborted", `Stopped at "${key}"`, { key, cause: signal.reason });
}

async function* abortable(
  key: string,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let isOpen = true;
  try {
    while (isOpen) {
      const { done, value } = await nextOrAbort(key, iterator, signal);
      if (done) isOpen = false;
      else yield value;
    }
  } finally {
    if (isOpen) await close(iterator, signal);
  }
}

function nextOrAbort(
  key: string,
  iterator: AsyncIterator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<Uint8Array>> {
  if (signal === undefined) return iterator.next();
  throwIfAborted(key, signal);
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(abortedError(key, signal));
    const wait = async (): Promise<void> => {
      try {
        resolve(await iterator.next());
      } catch (error) {
        reject(error);
      } finally {
        signal.removeEventListener("abort", stop);
      }
    };
    signal.addEventListener("abort", stop, { once: true });
    void wait();
  });
}

async function close(iterator: AsyncIterator<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
  const closing = Promise.resolve(iterator.return?.());
  if (!signal?.aborted) await closing;
  else closing.catch(() => {}); // a body that hangs closes late or never, and "aborted" is already on its way
}
