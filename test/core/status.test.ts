import { describe, expect, it } from "vitest";
import { judgeStatus } from "../../src/core/status.ts";
import type { StatusEntry } from "../../src/core/status.ts";

const HOUR = 3_600_000;

function backup(day: number, entry: Partial<StatusEntry> = {}): StatusEntry {
  const startedAt = `2026-11-0${day}T02:00:00.000Z`;
  return { name: `b${day}`, state: "complete", startedAt, bytes: 1, policy: "nightly", source: "prod", ...entry };
}

function judge(entries: readonly StatusEntry[], maxAgeMs?: number) {
  const now = Date.parse("2026-11-09T04:00:00.000Z");
  return judgeStatus({ policy: "nightly", source: "prod", target: "nas", entries, now, maxAgeMs });
}

describe("judgeStatus()", () => {
  it("judgeStatus() tells the newest complete backup, its age, and what was verified of it", () => {
    const verified = { level: "checksum", at: "2026-11-09T03:00:00.000Z" } as const;
    expect(judge([backup(9, { verified }), backup(8)])).toEqual({
      policy: "nightly",
      target: "nas",
      state: "ok",
      last: { name: "b9", startedAt: "2026-11-09T02:00:00.000Z", ageMs: 2 * HOUR, verified },
      since: [],
      damaged: [],
    });
  });

  it("judgeStatus() calls overdue what began longer ago than the limit, and nothing without one", () => {
    expect(judge([backup(8)], 26 * HOUR).state).toBe("ok");
    expect(judge([backup(8)], 26 * HOUR - 1).state).toBe("overdue");
    expect(judge([backup(1)]).state).toBe("ok");
  });

  it.each(["partial", "failed", "interrupted", "running"])(
    "judgeStatus() tells of a %s one that came after",
    (state) => {
      const status = judge([backup(9, { state }), backup(8)], 30 * HOUR);
      expect([status.state, status.last?.name, status.since]).toEqual(["ok", "b8", [{ name: "b9", state }]]);
    },
  );

  it("judgeStatus() trusts no backup that a check found damaged", () => {
    const status = judge([backup(9, { damaged: "a key is missing" }), backup(8)]);
    expect([status.last?.name, status.damaged]).toEqual(["b8", ["b9"]]);
  });

  it.each([
    { what: "is none", entries: [] },
    { what: "is only one of another policy", entries: [backup(9, { policy: "hourly" })] },
    { what: "is only one of another source", entries: [backup(9, { source: "lab" })] },
    { what: "is only a partial one", entries: [backup(9, { state: "partial" })] },
  ])("judgeStatus() says never when there $what", ({ entries }) => {
    expect(judge(entries)).toMatchObject({ state: "never", damaged: [] });
  });
});
