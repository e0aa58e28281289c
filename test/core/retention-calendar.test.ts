import { describe, expect, it } from "vitest";
import { bucketOf, createWallClock, isTimeZone } from "../../src/core/retention-calendar.ts";
import type { CalendarRule } from "../../src/core/retention-calendar.ts";

const QUARTER = 900_000;

function bucketsOf(rule: CalendarRule, zone: string, [from, to]: readonly [string, string]): readonly string[] {
  const wall = createWallClock(zone);
  const buckets = new Set<string>();
  for (let time = Date.parse(from); time < Date.parse(to); time += QUARTER) buckets.add(bucketOf(rule, wall(time)));
  return [...buckets];
}

describe("bucketOf()", () => {
  it.each<readonly [string, readonly [string, string], number]>([
    ["Europe/Berlin", ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"], 25],
    ["Europe/Berlin", ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"], 23],
    ["America/New_York", ["2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"], 25],
    ["America/New_York", ["2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"], 23],
    ["UTC", ["2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z"], 24],
    ["Asia/Kolkata", ["2026-03-07T18:30:00Z", "2026-03-08T18:30:00Z"], 24],
  ])("bucketOf() has in %s through %j one day, and the hours that it really has", (zone, times, hours) => {
    expect(bucketsOf("daily", zone, times)).toHaveLength(1);
    expect(bucketsOf("hourly", zone, times)).toHaveLength(hours);
  });

  it.each(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])(
    "bucketOf() goes hour by hour through a year in %s: 365 days, 53 weeks begun, 12 months",
    (zone) => {
      const wall = createWallClock(zone);
      const start = Date.UTC(2026, 0, 1) - wall(Date.UTC(2026, 0, 1)).offsetMinutes * 60_000;
      const seen = { daily: new Set(), weekly: new Set(), monthly: new Set(), yearly: new Set() };
      for (let hour = 0; hour < 365 * 24; hour += 1) {
        const time = wall(start + hour * 3_600_000);
        for (const rule of ["daily", "weekly", "monthly", "yearly"] as const) seen[rule].add(bucketOf(rule, time));
      }
      expect(Object.values(seen).map(({ size }) => size)).toEqual([365, 53, 12, 1]);
    },
  );
});

describe("isTimeZone()", () => {
  it("isTimeZone() knows IANA's names, and no others", () => {
    expect(["Europe/Berlin", "UTC", "Mars/Olympus", ""].map(isTimeZone)).toEqual([true, true, false, false]);
  });
});
