import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareObjects, formatDifferences, hasDifferences } from "../../src/core/copy-plan.ts";

const object = (key: string, bytes: number) => ({ key, bytes });

describe("compareObjects", () => {
  it("compareObjects() names what is missing, extra and of another size", async () => {
    const differences = await compareObjects(
      [object("a", 1), object("b", 2), object("c", 3)],
      [object("b", 5), object("c", 3), object("d", 4)],
    );
    expect(differences).toEqual({ missing: ["a"], extra: ["d"], resized: [{ key: "b", expected: 2, found: 5 }] });
    expect(formatDifferences(differences)).toBe(
      "1 missing (a), 1 that should not be there (d), 1 of another size (b: 5 bytes, not 2)",
    );
  });

  it("compareObjects() finds no difference exactly when both sides hold the same keys and sizes", async () => {
    const sides = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.integer({ min: 0, max: 2 }));
    const toObjects = (side: Record<string, number>) => Object.entries(side).map(([key, bytes]) => object(key, bytes));
    await fc.assert(
      fc.asyncProperty(sides, sides, async (left, right) => {
        const isSame =
          JSON.stringify(Object.entries(left).toSorted()) === JSON.stringify(Object.entries(right).toSorted());
        const differences = await compareObjects(toObjects(left), toObjects(right));
        expect(hasDifferences(differences)).toBe(!isSame);
      }),
    );
  });
});
