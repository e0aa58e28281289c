import { setTimeout as delay } from "node:timers/promises";

/** Time as an argument: what waits takes one of these, so that tests need not wait. */
export interface Clock {
  /** Whole milliseconds since 1970; deadlines are told in these. */
  now(): number;
  /** Throws the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Goes on evenly when somebody sets the machine's clock: deadlines are neither over at once then, nor hours away. */
export const systemClock: Clock = { now: () => Math.floor(performance.timeOrigin + performance.now()), sleep };

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted(); // the caller's reason, not Node's AbortError around it
    throw error;
  }
}
