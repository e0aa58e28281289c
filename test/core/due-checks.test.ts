import { describe, expect, it } from "vitest";
import type { CheckLevel } from "../../src/core/check-level.ts";
import type { CheckRule } from "../../src/core/contracts/checks.ts";
import { findDueChecks } from "../../src/core/due-checks.ts";
import type { DueInput } from "../../src/core/due-checks.ts";

const DAY_MS = 86_400_000;
const NOW = new Date("2026-11-24T02:00:00Z");

function rule(kind: CheckLevel, days: number, more: Partial<CheckRule> = {}): CheckRule {
  return { kind, everyMs: days * DAY_MS, parts: 1, ...more };
}

/** A check that was passed so many days ago. */
function record(backup: string, level: CheckLevel, { days, part = [1, 1] }: { days: number; part?: [number, number] }) {
  const at = new Date(NOW.getTime() - days * DAY_MS).toISOString();
  return { backup, level, part: { number: part[0], of: part[1] }, at, verdict: "ok" } as const;
}

/** "b3 checksum 2/30" for each that is due. */
function due(input: Partial<DueInput>): readonly string[] {
  const whole = { rules: [], backups: ["b3", "b2", "b1"], records: [], now: NOW, source: "prod", ...input };
  return findDueChecks(whole).map(({ backup, level, part }) =>
    [backup, level, ...(part === undefined || part.of === 1 ? [] : [`${part.number}/${part.of}`])].join(" "),
  );
}

describe("findDueChecks", () => {
  it("findDueChecks() takes the newest backup for what was never checked, in the order of the rules", () => {
    expect(due({ rules: [rule("restore", 7), rule("objects", 1)] })).toEqual(["b3 restore", "b3 objects"]);
  });

  it("findDueChecks() lets one clock run for all backups, those that are gone among them", () => {
    const rules = [rule("restore", 7)];
    expect(due({ rules, records: [record("gone", "restore", { days: 6 })] })).toEqual([]);
    expect(due({ rules, records: [record("gone", "restore", { days: 7 })] })).toEqual(["b3 restore"]);
  });

  it("findDueChecks() is not put off for a day by a clock that is a minute behind", () => {
    expect(due({ rules: [rule("objects", 1)], records: [record("b2", "objects", { days: 0.999 })] })).toEqual([
      "b3 objects",
    ]);
  });

  it("findDueChecks() goes on with the part after the last one, whichever backup that was of", () => {
    const rules = [rule("checksum", 1, { parts: 30 })];
    const next = (number: number): readonly string[] =>
      due({ rules, records: [record("b1", "checksum", { days: 2, part: [number, 30] })] });
    expect([due({ rules }), next(1), next(30)]).toEqual([
      ["b3 checksum 1/30"],
      ["b3 checksum 2/30"],
      ["b3 checksum 1/30"],
    ]);
  });

  it("findDueChecks() does not take another level, or parts of another number, for its own", () => {
    const records = [record("b3", "objects", { days: 0 }), record("b3", "checksum", { days: 0 })];
    expect(due({ rules: [rule("checksum", 1, { parts: 2 })], records })).toEqual(["b3 checksum 1/2"]);
  });

  it("findDueChecks() has a clock for each of the newest backups where it is told how many", () => {
    const records = [record("b2", "checksum", { days: 3 }), record("b1", "checksum", { days: 9 })];
    expect(due({ rules: [rule("checksum", 7, { newest: 3 })], records })).toEqual(["b3 checksum", "b1 checksum"]);
    expect(due({ rules: [rule("checksum", 7, { newest: 2 })], records })).toEqual(["b3 checksum"]);
  });

  it("findDueChecks() looks at what is damaged again, until it is healed", () => {
    const damaged = { ...record("b3", "objects", { days: 0 }), verdict: "damaged" } as const;
    expect(due({ rules: [rule("objects", 1)], records: [damaged] })).toEqual(["b3 objects"]);
  });

  it("findDueChecks() has nothing to check without a backup", () => {
    expect(due({ rules: [rule("objects", 1), rule("objects", 1, { newest: 3 })], backups: [] })).toEqual([]);
  });

  it("findDueChecks() says where a spot check looks and a drill goes, and why", () => {
    const rules = [rule("spot", 1), rule("restore", 1), rule("restore", 1, { into: { source: "lab", database: "x" } })];
    expect(findDueChecks({ rules, backups: ["b"], records: [], now: NOW, source: "prod" })).toMatchObject([
      { level: "spot", source: "prod", why: "every 1d; it was never passed" },
      { level: "restore", source: "prod" },
      { level: "restore", source: "lab", database: "x" },
    ]);
  });

  it("findDueChecks() reads every part once in as many days as there are parts", () => {
    const rules = [rule("checksum", 1, { parts: 5 })];
    const records: DueInput["records"][number][] = [];
    for (let day = 0; day < 5; day++) {
      const now = new Date(NOW.getTime() + day * DAY_MS);
      for (const { backup, part } of findDueChecks({ rules, backups: [`b${day}`], records, now, source: "prod" })) {
        records.push({
          backup,
          level: "checksum",
          part: part ?? { number: 1, of: 1 },
          at: now.toISOString(),
          verdict: "ok",
        });
      }
    }
    expect(records.map(({ part }) => part.number)).toEqual([1, 2, 3, 4, 5]);
  });
});
