import { BackupError } from "../core/errors.ts";
import { systemClock, type Clock } from "./clock.ts";

export interface PollOptions {
  /** What is waited for, as the end of "Gave up waiting for …". */
  readonly what: string;
  readonly intervalMs: number;
  /** The first interval, for what is often there soon; each one is a quarter longer than the one before, up to intervalMs. */
  readonly firstMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In milliseconds since 1970; the check runs once more at it. None: as long as the signal allows. */
  readonly deadline?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** So that at most a fifth of the whole wait is waited in vain. */
const GROWTH = 1.25;

/** Asks until the answer is not undefined. The one way to wait for another party; never a bare sleep. */
export async function pollUntil<T>(check: () => Promise<T | undefined>, options: PollOptions): Promise<T> {
  const { what, intervalMs, signal, deadline = Number.POSITIVE_INFINITY, clock = systemClock } = options;
  const startedAt = clock.now();
  for (let waitMs = options.firstMs ?? intervalMs; ; waitMs = Math.min(Math.ceil(GROWTH * waitMs), intervalMs)) {
    signal?.throwIfAborted();
    const answer = await check();
    if (answer !== undefined) return answer;
    const left = deadline - clock.now();
    if (left <= 0) throw givenUp(what, clock.now() - startedAt);
    await clock.sleep(Math.min(waitMs, left), signal);
  }
}

function givenUp(what: string, waitedMs: number): BackupError {
  return new BackupError("failed", `Gave up waiting for ${what} after ${Math.round(waitedMs / 1000)} s`, {
    facts: { waitedMs },
  });
}
