import { describe, expect, it } from "vitest";
import { formatDoomed, onlyUnfinished, planPrune, refuseTooMany } from "../../src/core/prune-plan.ts";
import type { PruneDecision } from "../../src/core/prune-plan.ts";

const decision: PruneDecision = {
  policy: "nightly",
  target: "nas",
  allowed: 1,
  verdicts: [
    { name: "b3", verdict: "keep", reasons: ["last"] },
    { name: "b2", verdict: "prune", reasons: ["no rule keeps it"] },
    { name: "b1", verdict: "prune", reasons: ["failed, and a complete one is newer"] },
  ],
};

describe("planPrune()", () => {
  it("planPrune() has a deletion for each that goes, with its reasons", () => {
    expect(planPrune(decision)).toMatchObject({
      action: "prune",
      policy: "nightly",
      target: "nas",
      steps: [
        { kind: "delete-backup", backup: "b2", why: "no rule keeps it" },
        { kind: "delete-backup", backup: "b1", why: "failed, and a complete one is newer" },
      ],
    });
  });

  it("planPrune() is nothing when nothing goes", () => {
    expect(planPrune({ ...decision, verdicts: decision.verdicts.slice(0, 1) })).toBeUndefined();
  });
});

describe("refuseTooMany()", () => {
  it("refuseTooMany() refuses more than may go, and names the number that confirms it", () => {
    expect(() => refuseTooMany(decision)).toThrow(
      expect.objectContaining({
        code: "refused",
        message: "Nothing is pruned of nightly in nas: 2 of 3 backups would go, more than the 1 that may go at once",
        hint: expect.stringContaining("--yes --max-delete 2") as string,
      }),
    );
    expect(() => refuseTooMany(decision, 1)).toThrow();
    expect(() => refuseTooMany({ ...decision, allowed: 5 }, 0)).toThrow(); // a number that was said is the limit
  });

  it("refuseTooMany() lets pass what may go, or was confirmed", () => {
    expect(() => refuseTooMany({ ...decision, allowed: 2 })).not.toThrow();
    expect(() => refuseTooMany(decision, 2)).not.toThrow();
  });
});

it("onlyUnfinished() keeps the good ones that would go, and says why", () => {
  const { verdicts } = onlyUnfinished(decision, new Set(["b3", "b2"]));
  expect(verdicts.map(({ name, verdict }) => [name, verdict])).toEqual([
    ["b3", "keep"],
    ["b2", "keep"],
    ["b1", "prune"],
  ]);
  expect(verdicts[1]?.reasons).toEqual(["the backup of this run is not complete, or a check of it failed"]);
});

it("formatDoomed() says what goes, what stays, and that it is refused", () => {
  expect(formatDoomed(decision)).toBe(
    "retention deletes b2 (no rule keeps it), b1 (failed, and a complete one is newer), and keeps 1 backup, which is refused: no more than 1 may go at once",
  );
  expect(formatDoomed({ ...decision, verdicts: [] })).toBe("retention deletes nothing, and keeps 0 backups");
});
