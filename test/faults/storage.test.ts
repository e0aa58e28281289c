/** Every call of every storage method under everything that can befall it; a sample of it is in test/engine. */
import { describe, expect, it } from "vitest";
import { underFaultsOfResumption, underSourceFaults, underTargetFaults } from "../support/fault-runs.ts";
import type { Ends } from "../support/fault-runs.ts";
import { restoreUnderStorageFaults } from "../support/restore-faults.ts";

function sum(ends: Ends, isMeant: (end: string) => boolean = () => true): number {
  return [...ends].reduce((total, [end, count]) => total + (isMeant(end) ? count : 0), 0);
}

describe("a backup under every fault", () => {
  it.each([
    ["of its target", underTargetFaults, 300],
    ["of its target while it is resumed", underFaultsOfResumption, 350],
    ["of its source's storage", underSourceFaults, 150],
  ])("%s loses nothing", async (_, runs, atLeast) => {
    const ends = await runs(1);
    expect(sum(ends)).toBeGreaterThan(atLeast);
    expect(sum(ends, (end) => end.endsWith(", resumed"))).toBeGreaterThan(sum(ends) / 20);
  });
});

describe("a restore under every fault", () => {
  it.each([
    ["target", 200],
    ["bucket", 100],
  ] as const)("of its %s has every row, or nothing of it is left that it does not name", async (place, atLeast) => {
    expect(sum(await restoreUnderStorageFaults(place, 1))).toBeGreaterThan(atLeast);
  });
});
