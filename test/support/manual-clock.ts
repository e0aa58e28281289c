import type { Clock } from "../../src/io/clock.ts";

export interface ManualClock extends Clock {
  /** Moves on; those whose sleep is over then wake up. */
  advance(ms: number): void;
  /** Waits until so many are asleep. */
  asleep(count: number): Promise<void>;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until the test moves it. */
export function createManualClock(startMs: number): ManualClock {
  let nowMs = startMs;
  let sleepers: readonly Sleeper[] = [];
  let watchers: readonly (() => void)[] = [];
  const change = (next: readonly Sleeper[]): void => {
    sleepers = next;
    for (const look of watchers) look();
  };
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const sleeper = { until: nowMs + ms, wake: resolve };
        const stop = (): void => {
          change(sleepers.filter((one) => one !== sleeper));
          reject(signal?.reason as Error);
        };
        signal?.addEventListener("abort", stop, { once: true });
        change([...sleepers, sleeper]);
      }),
    advance: (ms) => {
      nowMs += ms;
      const awake = sleepers.filter(({ until }) => until <= nowMs);
      change(sleepers.filter(({ until }) => until > nowMs));
      for (const { wake } of awake) wake();
    },
    asleep: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (sleepers.length < count) return;
          watchers = watchers.filter((one) => one !== look);
          resolve();
        };
        watchers = [...watchers, look];
        look();
      }),
  };
}
