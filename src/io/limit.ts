/** Runs what it is given, at most `slots` at once, in the order of the calls. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

export function createLimit(slots: number): Limit {
  if (!Number.isInteger(slots) || slots < 1) throw new RangeError(`Cannot limit to ${slots} tasks at once`);
  let running = 0;
  const waiting: (() => void)[] = [];
  // A slot is handed to the next in line rather than freed, so that a newcomer cannot take it in between.
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return async (task) => {
    if (running < slots) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      leave();
    }
  };
}

export interface EachOptions {
  /** How many items are taken from the iterable at once. */
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Works through an iterable with a bounded number of workers, taking the next item only when a worker is free. The
 * first failure stops the taking; it is thrown when the running workers have settled, so nothing goes on behind it.
 */
export async function forEachConcurrent<T>(
  items: Iterable<T> | AsyncIterable<T>,
  options: EachOptions,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = toAsync(items);
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (failures.length === 0) {
      options.signal?.throwIfAborted();
      const next = await iterator.next();
      if (next.done) return;
      await work(next.value);
    }
  };
  const guarded = async (): Promise<void> => {
    try {
      await worker();
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, guarded));
  if (failures.length > 0) throw failures[0];
}

async function* toAsync<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  yield* items;
}
