import { expect, it } from "vitest";
import { restoreUnderStorageFaults } from "../support/restore-faults.ts";

/** So many are left out between two: all of them are in test/faults. */
const STEP = 47;

it.each(["target", "bucket"] as const)(
  "a restore under faults of its %s has every row, or nothing of it is left that it does not name",
  async (place) => {
    expect((await restoreUnderStorageFaults(place, STEP)).size).toBeGreaterThan(0);
  },
);
