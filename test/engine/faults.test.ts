import { describe, expect, it } from "vitest";
import { underFaultsOfResumption, underSourceFaults, underTargetFaults } from "../support/fault-runs.ts";

/** So many are left out between two: all of them are in test/faults. */
const STEP = 53;

describe("a backup under faults", () => {
  it.each([
    ["of its target loses nothing: it is whole, or the next run goes on with it, or takes another", underTargetFaults],
    ["of its target while it is resumed loses nothing either", underFaultsOfResumption],
    ["of its source's storage is not whole with less than that has", underSourceFaults],
  ])("%s", async (_, runs) => {
    expect((await runs(STEP)).size).toBeGreaterThan(1);
  });
});
