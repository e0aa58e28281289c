import type { Clock } from "../../src/io/clock.ts";

export interface FakeClock extends Clock {
  /** Every sleep so far, in milliseconds. */
  readonly sleeps: readonly number[];
  advance(ms: number): void;
}

/** A clock on which every sleep is over at once and counted. */
export function createFakeClock(startMs = 0): FakeClock {
  let nowMs = startMs;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => nowMs,
    advance: (ms) => void (nowMs += ms),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      sleeps.push(ms);
      nowMs += ms;
    },
  };
}

/** On which each sleep takes two hundred times as long: a few polls are enough to give up. */
export function createHastyClock(): Clock {
  const { now, sleep } = createFakeClock(Date.now());
  return { now, sleep: (ms, signal) => sleep(200 * ms, signal) };
}
