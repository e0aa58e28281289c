import { isStorageError } from "../core/contracts/storage.ts";
import type { ListEntry, ListOptions, Storage } from "../core/contracts/storage.ts";
import type { Clock } from "./clock.ts";
import { backoffMs, retry } from "./retry.ts";
import type { RetryOptions } from "./retry.ts";

const TRIES = 6;
const BACKOFF = { firstMs: 200, maxMs: 10_000 };

/**
 * Repeats what is safe to repeat when the store is busy or away: all but writes with a condition, whose lost reply may
 * have been a success. A listing goes on after the last key that it gave.
 */
export function retryStorage(storage: Storage, clock?: Clock): Storage {
  const options = (signal: AbortSignal | undefined): RetryOptions => ({ waitMs: waitOutStore, signal, clock });
  const { canCopyFrom, copyFrom, hash, link, unfinished, abandon } = storage;
  return {
    location: storage.location, // each by name: the methods of a class are not the object's own
    capabilities: storage.capabilities,
    stat: (key, call) => retry(() => storage.stat(key, call), options(call?.signal)),
    read: (key, read) => retry(() => storage.read(key, read), options(read?.signal)),
    write: (key, body, write) => {
      const isConditional = write?.ifAbsent === true || write?.ifMatch !== undefined;
      return isConditional
        ? storage.write(key, body, write)
        : retry(() => storage.write(key, body, write), options(write?.signal));
    },
    list: (prefix, list) => resumeList(storage, { prefix, list }, options(list?.signal)),
    delete: (keys, call) => retry(() => storage.delete(keys, call), options(call?.signal)),
    ...(canCopyFrom && { canCopyFrom: (from) => canCopyFrom.call(storage, from) }),
    ...(copyFrom && {
      copyFrom: (from, copy, call) => retry(() => copyFrom.call(storage, from, copy, call), options(call?.signal)),
    }),
    ...(hash && {
      hash: (key, call) => retry(() => hash.call(storage, key, call), options(call?.signal)),
    }),
    ...(link && {
      link: (sourceKey, key, call) => retry(() => link.call(storage, sourceKey, key, call), options(call?.signal)),
    }),
    ...(unfinished && {
      unfinished: (prefix, call) => retry(() => unfinished.call(storage, prefix, call), options(call?.signal)),
    }),
    ...(abandon && {
      abandon: (write, call) => retry(() => abandon.call(storage, write, call), options(call?.signal)),
    }),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

/** The wait before the next try, or undefined when another try would not help. */
export function waitOutStore(error: unknown, tries: number): number | undefined {
  if (tries >= TRIES) return undefined;
  if (isStorageError(error, "throttled")) return Math.max(error.retryAfterMs ?? 0, backoffMs(tries, BACKOFF));
  return isStorageError(error, "unavailable") ? backoffMs(tries, BACKOFF) : undefined;
}

interface Listing {
  readonly prefix: string;
  readonly list: ListOptions | undefined;
}

async function* resumeList(
  storage: Storage,
  { prefix, list }: Listing,
  options: RetryOptions,
): AsyncGenerator<ListEntry> {
  let last = list?.startAfter;
  const open = (): AsyncIterator<ListEntry> =>
    storage.list(prefix, { ...list, ...(last !== undefined && { startAfter: last }) })[Symbol.asyncIterator]();
  let entries = open();
  const next = async (): Promise<IteratorResult<ListEntry>> => {
    try {
      return await entries.next();
    } catch (error) {
      entries = open();
      throw error;
    }
  };
  try {
    for (;;) {
      const { value, done } = await retry(next, options);
      if (done) return;
      const place = value.kind === "object" ? value.key : value.prefix;
      if (place === last) continue; // a folded prefix is listed again after itself
      last = place;
      yield value;
    }
  } finally {
    await entries.return?.();
  }
}
