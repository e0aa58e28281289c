import { StorageError } from "../../src/core/contracts/storage.ts";
import type { ListEntry, ReadResult } from "../../src/core/contracts/storage.ts";

/**
 * What can go wrong with a call besides an error: it hangs until it is given up; it is done, but the answer is lost; it
 * arrives twice; what is read ends early, or is something else; what is written is seen late; a part of a list is lost.
 */
export type Fault = "hang" | "lost-reply" | "twice" | "truncated" | "wrong-bytes" | "late" | "lost-page";

interface Work<T> {
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
  readonly work: () => Promise<T>;
}

/** Does the work under the faults that any call can have. */
export async function doUnder<T>(fault: Fault | undefined, { what, signal, work }: Work<T>): Promise<T> {
  if (fault === "hang") return await hang(what, signal);
  const result = await work();
  if (fault === "lost-reply") throw new StorageError("unavailable", `${what}: the connection was lost`);
  return fault === "twice" ? await work() : result;
}

/** Until it is given up; a call that cannot be is ended by its plugin. */
function hang(what: string, signal: AbortSignal | undefined): Promise<never> {
  if (signal === undefined) throw new StorageError("unavailable", `${what}: no answer for too long`);
  return new Promise((_, reject) => {
    const give = (): void => reject(new StorageError("aborted", `${what}: given up`));
    if (signal.aborted) give();
    else signal.addEventListener("abort", give, { once: true });
  });
}

export function readUnder(fault: Fault | undefined, { info, body }: ReadResult): ReadResult {
  if (fault === "truncated") return { info, body: cutShort(body) };
  return { info, body: fault === "wrong-bytes" ? changed(body) : body };
}

async function* cutShort(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    yield chunk.subarray(0, Math.floor(chunk.length / 2));
    return;
  }
}

async function* changed(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) yield chunk.map((byte, index) => (index === 0 ? byte ^ 1 : byte));
}

/** Entries under a fault; those in `late` are not seen yet. */
export async function* listUnder(
  fault: Fault | undefined,
  entries: AsyncIterable<ListEntry>,
  late: Set<string>,
): AsyncGenerator<ListEntry> {
  let isFirst = true;
  for await (const entry of entries) {
    if (entry.kind === "object" && late.delete(entry.key)) continue;
    yield entry;
    if (fault === "twice" && isFirst) yield entry;
    if (fault === "lost-page") return;
    isFirst = false;
  }
}
