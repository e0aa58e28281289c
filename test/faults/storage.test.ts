/** Every call of every storage method under everything that can befall it; a sample of it is in test/engine/faults.test.ts. */
import { describe, expect, it } from "vitest";
import { underFaultsOfResumption, underSourceFaults, underTargetFaults } from "../support/fault-runs.ts";
import type { Ends } from "../support/fault-runs.ts";

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
