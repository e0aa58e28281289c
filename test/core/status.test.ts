import { describe, expect, it } from "vitest";
import { judgeStatus } from "../../src/core/status.ts";
import type { StatusEntry, StatusInput } from "../../src/core/status.ts";
import { runEntry } from "../support/run-entries.ts";

const HOUR = 3_600_000;

function backup(day: number, entry: Partial<StatusEntry> = {}): StatusEntry {
  const startedAt = `2026-11-0${day}T02:00:00.000Z`;
  return { name: `b${day}`, state: "complete", startedAt, bytes: 1, policy: "nightly", source: "prod", ...entry };
}

function judge(entries: readonly StatusEntry[], maxAgeMs?: number, more: Partial<StatusInput> = {}) {
  const now = Date.parse("2026-11-09T04:00:00.000Z");
  return judgeStatus({ policy: "nightly", source: "prod", target: "nas", entries, now, maxAgeMs, ...more });
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

  it("judgeStatus() goes by the schedule where no limit is asked for: what began since it was due will do", () => {
    const schedule = { next: "2026-11-10T02:00:00.000Z", due: "2026-11-09T02:00:00.000Z", timezone: "UTC" };
    const told = { schedule: { next: schedule.next, timezone: "UTC" } };
    expect(judge([backup(9)], undefined, { schedule })).toMatchObject({ state: "ok", ...told });
    expect(judge([backup(8)], undefined, { schedule })).toMatchObject({ state: "overdue", ...told });
    expect(judge([backup(8)], 30 * HOUR, { schedule }).state).toBe("ok");
    expect(judge([backup(9)], HOUR, { schedule }).state).toBe("overdue");
    expect(judge([], undefined, { schedule })).toMatchObject({ state: "never", ...told });
    expect(judge([backup(8)], undefined, { schedule: { ...schedule, due: undefined } }).state).toBe("ok");
    const early = backup(9, { startedAt: "2026-11-09T01:59:45.000Z" });
    expect(judge([early], undefined, { schedule }).state).toBe("ok"); // by a clock that is behind
  });

  it("judgeStatus() tells that the newest was not verified, of a policy whose checks would", () => {
    const rules = [{ kind: "checksum", everyMs: 24 * HOUR, parts: 1 }] as const;
    const checks = { rules, records: [] };
    const verified = (level: "objects" | "spot") => ({ verified: { level, at: "2026-11-09T03:00:00.000Z" } });
    expect(judge([backup(9)], undefined, { checks }).unverified).toBe(true);
    expect(judge([backup(9, verified("objects"))], undefined, { checks }).unverified).toBe(true);
    expect(judge([backup(9, verified("spot"))], undefined, { checks }).unverified).toBeUndefined();
    const metadata = { rules: [{ kind: "metadata", everyMs: 24 * HOUR, parts: 1 }] as const, records: [] };
    expect(judge([backup(9)], undefined, { checks: metadata }).unverified).toBeUndefined();
  });

  it("judgeStatus() tells which checks are overdue, and how the last run ended", () => {
    const checks = { rules: [{ kind: "restore", everyMs: 24 * HOUR, parts: 1 }] as const, records: [] };
    const lastRun = runEntry("2026-11-09T02:00:00.000Z", { state: "failed", exitStatus: 14 });
    const status = judge([backup(9), backup(5)], undefined, { checks, lastRun });
    expect(status.overdueChecks).toEqual(["the restore check, every 1d, is overdue"]);
    expect(status.lastRun).toEqual({
      runId: lastRun.runId,
      startedAt: lastRun.startedAt,
      state: "failed",
      exitStatus: 14,
    });
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
