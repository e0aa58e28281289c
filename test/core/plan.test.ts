import fc from "fast-check";
import { expect, it } from "vitest";
import { stagesOf } from "../../src/core/plan.ts";
import type { Step } from "../../src/core/plan.ts";

const steps: readonly Step[] = [
  { kind: "begin-backup", id: "begin", why: "" },
  { kind: "commit-backup", id: "commit", why: "" },
  { kind: "create-database", id: "database a", why: "", database: "a", like: "a" },
  { kind: "delete-backup", id: "b", why: "", backup: "b" },
];

it("stagesOf() puts neighbours of one kind into one stage and keeps the order", () => {
  const [begin, commit, database] = steps as readonly [Step, Step, Step]; // what stands above
  expect(stagesOf([])).toEqual([]);
  expect(stagesOf([database, database, commit, begin, begin, commit])).toEqual([
    [database, database],
    [commit],
    [begin, begin],
    [commit],
  ]);
});

it("stagesOf() loses no step, and no stage could be joined with the next", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...steps)), (plan) => {
      const stages = stagesOf(plan);
      expect(stages.flat()).toEqual(plan);
      const kinds = stages.map((stage) => [...new Set(stage.map(({ kind }) => kind))]);
      expect(kinds.every((ofStage) => ofStage.length === 1)).toBe(true);
      for (const [index, [kind]] of kinds.entries()) expect(kind).not.toBe(kinds[index + 1]?.[0]);
    }),
  );
});
