import { describe, expect, it } from "vitest";
import type { CheckLevel } from "../../src/core/check-level.ts";
import { findOverdueChecks } from "../../src/core/overdue-checks.ts";
import type { OverdueInput } from "../../src/core/overdue-checks.ts";

const DAY_MS = 86_400_000;
const NOW = new Date("2026-11-24T02:00:00Z");
const ago = (days: number): string => new Date(NOW.getTime() - days * DAY_MS).toISOString();
const weekly = (kind: CheckLevel, more = {}) => ({ kind, everyMs: 7 * DAY_MS, parts: 1, ...more });
const backups = [1, 2, 20].map((days) => ({ name: `b${days}`, startedAt: ago(days) }));
const passed = (backup: string, level: CheckLevel, days: number) =>
  ({ backup, level, part: { number: 1, of: 1 }, at: ago(days), verdict: "ok" }) as const;

function overdue(input: Partial<OverdueInput>): readonly string[] {
  return findOverdueChecks({ rules: [weekly("restore")], backups, records: [], now: NOW, source: "prod", ...input });
}

describe("findOverdueChecks()", () => {
  it("findOverdueChecks() tells of what was not passed for twice as long as it may", () => {
    expect(overdue({ records: [passed("b20", "restore", 13)] })).toEqual([]);
    expect(overdue({ records: [passed("b20", "restore", 15)] })).toEqual(["the restore check, every 1w, is overdue"]);
  });

  it("findOverdueChecks() counts from the oldest backup what was never passed", () => {
    expect(overdue({})).toHaveLength(1);
    expect(overdue({ backups: backups.slice(0, 2) })).toEqual([]);
    expect(overdue({ backups: [] })).toEqual([]);
  });

  it("findOverdueChecks() counts each backup for itself where each has a clock", () => {
    const rules = [weekly("restore", { newest: 2 })];
    expect(overdue({ rules })).toEqual([]);
    const old = [20, 21].map((days) => ({ name: `b${days}`, startedAt: ago(days) }));
    expect(overdue({ rules, backups: old, records: [passed("b20", "restore", 1)] })).toHaveLength(1);
  });

  it("findOverdueChecks() takes damage for no pass", () => {
    const found = { ...passed("b2", "restore", 1), verdict: "damaged" as const };
    expect(overdue({ records: [found] })).toHaveLength(1);
  });
});
