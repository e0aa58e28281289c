import { afterEach, expect, it, vi } from "vitest";
import { systemClock } from "../../src/io/clock.ts";
import { pollUntil } from "../../src/io/poll-until.ts";

afterEach(() => void vi.restoreAllMocks());

const HOURS = 5 * 3_600_000;

it("systemClock tells the time", () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
  expect(Number.isInteger(systemClock.now())).toBe(true); // timers take no fractions
});

it.each([HOURS, -HOURS])(
  "systemClock does not jump with the machine's clock: set by %i ms, nothing is given up",
  async (by) => {
    const machine = Date.now;
    let asked = 0;
    const answer = await pollUntil(
      async () => {
        asked += 1;
        if (asked === 1) vi.spyOn(Date, "now").mockImplementation(() => machine() + by);
        return asked === 3 ? "there" : undefined;
      },
      { what: "an answer", intervalMs: 1, deadline: systemClock.now() + 60_000 },
    );
    expect([answer, Math.abs(systemClock.now() - machine()) < 60_000]).toEqual(["there", true]);
  },
);
