import { systemClock, type Clock } from "./clock.ts";

export interface RetryOptions {
  /** How long to wait after this failure before the next try, in milliseconds; undefined gives up. Tries count from 1. */
  readonly waitMs: (error: unknown, tries: number) => number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Ends the waits only: what became of a try matters, also to who is stopped. */
  readonly waitSignal?: AbortSignal | undefined;
  /** No try starts after it, in milliseconds since 1970. */
  readonly deadline?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Runs an action that is safe to repeat until it succeeds; when it gives up, the last failure flies unchanged. */
export async function retry<T>(action: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { waitMs, signal, waitSignal = signal, deadline = Number.POSITIVE_INFINITY, clock = systemClock } = options;
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      signal?.throwIfAborted();
      const wait = waitMs(error, tries);
      if (wait === undefined || clock.now() + wait >= deadline) throw error;
      await clock.sleep(wait, waitSignal);
    }
  }
}

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The wait after so many tries: doubles up to the maximum; a random quarter either way keeps many clients apart. */
export function backoffMs(tries: number, backoff: Backoff, random: () => number = Math.random): number {
  const whole = Math.min(backoff.firstMs * 2 ** (tries - 1), backoff.maxMs);
  return Math.round(whole * (0.75 + random() / 2));
}
