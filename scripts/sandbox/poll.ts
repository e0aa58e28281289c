import { setTimeout as delay } from "node:timers/promises";

/** Asks until the answer is there; undefined when the deadline passed first. */
export async function pollUntil<T>(
  check: () => Promise<T | undefined>,
  { deadlineMs, intervalMs = 100 }: { deadlineMs: number; intervalMs?: number },
): Promise<T | undefined> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await check();
    if (answer !== undefined || performance.now() >= end) return answer;
    await delay(intervalMs);
  }
}
