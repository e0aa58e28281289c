import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDurationMs, formatExactDuration } from "../../src/core/duration.ts";

describe("findDurationMs()", () => {
  it.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["2m", 120_000],
    ["1h30m", 5_400_000],
    ["7d", 604_800_000],
    ["2w", 1_209_600_000],
    ["0s", 0],
  ])("findDurationMs() reads %s", (text, ms) => {
    expect(findDurationMs(text)).toBe(ms);
  });

  it.each(["", "5", "m", "1.5h", "-1s", "1 s", "5M", "1h 30m", "9".repeat(20) + "w"])(
    "findDurationMs() takes %s for no duration",
    (text) => {
      expect(findDurationMs(text)).toBeUndefined();
    },
  );
});

it("formatExactDuration() writes what findDurationMs() reads, in one unit", () => {
  expect([0, 1, 1500, 2000, 120_000, 5_400_000, 86_400_000].map(formatExactDuration)).toEqual([
    "0s",
    "1ms",
    "1500ms",
    "2s",
    "2m",
    "90m",
    "1d",
  ]);
  const duration = fc.integer({ min: 0, max: 10 ** 12 });
  fc.assert(fc.property(duration, (ms) => findDurationMs(formatExactDuration(ms)) === ms));
});
