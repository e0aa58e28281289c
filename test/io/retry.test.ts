import fc from "fast-check";
import { expect, it } from "vitest";
import { backoffMs, retry } from "../../src/io/retry.ts";
import { createFakeClock } from "../support/fake-clock.ts";

function failing(times: number): { readonly action: () => Promise<number>; readonly calls: () => number } {
  let calls = 0;
  const action = async (): Promise<number> => {
    calls += 1;
    if (calls <= times) throw new Error(`failure ${calls}`);
    return calls;
  };
  return { action, calls: () => calls };
}

it("retry() resolves with the first success and waits as it is told", async () => {
  const clock = createFakeClock();
  const { action } = failing(2);
  await expect(retry(action, { waitMs: (_, tries) => tries * 10, clock })).resolves.toBe(3);
  expect(clock.sleeps).toEqual([10, 20]);
});

it("retry() throws the last failure when it is told to give up", async () => {
  const { action, calls } = failing(9);
  const waitMs = (_: unknown, tries: number): number | undefined => (tries < 3 ? 1 : undefined);
  await expect(retry(action, { waitMs, clock: createFakeClock() })).rejects.toThrow("failure 3");
  expect(calls()).toBe(3);
});

it("retry() throws the failure when the next try would start after the deadline", async () => {
  const clock = createFakeClock();
  const { action } = failing(9);
  await expect(retry(action, { waitMs: () => 40, deadline: 100, clock })).rejects.toThrow("failure 3");
  expect(clock.now()).toBe(80);
});

it("retry() throws the signal's reason when it is aborted", async () => {
  const { action, calls } = failing(9);
  const signal = AbortSignal.abort(new Error("stop"));
  await expect(retry(action, { waitMs: () => 1, signal })).rejects.toThrow("stop");
  expect(calls()).toBe(0);
});

it("backoffMs() doubles up to the maximum, a quarter more or less", () => {
  const arbitrary = fc.record({
    tries: fc.integer({ min: 1, max: 60 }),
    random: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(arbitrary, ({ tries, random }) => {
      const whole = Math.min(100 * 2 ** (tries - 1), 5000);
      const wait = backoffMs(tries, { firstMs: 100, maxMs: 5000 }, () => random);
      expect(wait).toBeGreaterThanOrEqual(whole * 0.75);
      expect(wait).toBeLessThanOrEqual(whole * 1.25);
    }),
  );
});
