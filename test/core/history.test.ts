import { describe, expect, it } from "vitest";
import { judgeHistory, listRuns } from "../../src/core/history.ts";
import type { HistoryInput } from "../../src/core/history.ts";
import { chooseOldRuns, RUNS_KEPT } from "../../src/core/rotate-runs.ts";
import { runEntry } from "../support/run-entries.ts";

const day = (number: number): string => `2026-11-${String(number).padStart(2, "0")}T02:00:00.000Z`;
const backup = (number: number, state = "complete") => ({
  name: `nightly_202611${String(number).padStart(2, "0")}_020000`,
  state,
  startedAt: day(number),
  bytes: 5,
  policy: "nightly",
  source: "prod",
});
const input = (more: Partial<HistoryInput>): HistoryInput => ({
  policy: "nightly",
  source: "prod",
  target: "nas",
  entries: [],
  backups: [],
  since: day(1),
  now: Date.parse(day(10)),
  ...more,
});

describe("judgeHistory()", () => {
  it("judgeHistory() counts what is complete in this target among the runs that were not left out", () => {
    const entries = [
      runEntry(day(2)),
      runEntry(day(3), { state: "failed", exitStatus: 14 }),
      runEntry(day(4), { state: "skipped", exitStatus: 75 }),
      runEntry(day(5), { state: "partial", targets: [{ name: "nas", state: "complete" }] }),
      runEntry(day(6), { policy: "hourly" }),
      runEntry(day(6), { source: "lab" }),
    ];
    expect(judgeHistory(input({ entries }))).toMatchObject({ runs: 3, complete: 2, successRate: 2 / 3 });
  });

  it("judgeHistory() takes for RPO the longest time without a new complete backup, the present one among them", () => {
    const DAY = 86_400;
    const entries = [2, 3, 6].map((number) => runEntry(day(number)));
    expect(judgeHistory(input({ entries })).rpo).toEqual({ longestSeconds: 4 * DAY, currentSeconds: 4 * DAY });
    expect(judgeHistory(input({ entries, now: Date.parse(day(7)) })).rpo).toEqual({
      longestSeconds: 3 * DAY,
      currentSeconds: DAY,
    });
  });

  it("judgeHistory() takes for RTO what drills took that passed in this target", () => {
    const drill = (seconds: number, more = {}) => ({
      backup: "nightly_20261102_020000",
      target: "nas",
      level: "restore" as const,
      verdict: "ok" as const,
      seconds,
      ...more,
    });
    const entries = [
      runEntry(day(5), { checks: [drill(40), drill(900, { verdict: "damaged" }), drill(3, { level: "checksum" })] }),
      runEntry(day(3), { action: "verify", policy: undefined, checks: [drill(70), drill(800, { target: "other" })] }),
    ];
    expect(judgeHistory(input({ entries })).rto).toEqual({ newestSeconds: 40, worstSeconds: 70, drills: 2 });
  });

  it("judgeHistory() has neither rate nor RPO nor RTO of nothing", () => {
    expect(judgeHistory(input({}))).toEqual({ policy: "nightly", target: "nas", runs: 0, complete: 0 });
  });

  it("judgeHistory() counts a run that was killed by the backup that it left, and a backup that is older than records", () => {
    const backups = [backup(4, "interrupted"), backup(3), backup(5, "running")];
    expect(judgeHistory(input({ backups }))).toMatchObject({ runs: 2, complete: 1 });
  });
});

it("listRuns() shows records the newest first, and backups without one as what they are", () => {
  const entries = [runEntry(day(2)), runEntry(day(5), { state: "failed", exitStatus: 1 })];
  const backups = [backup(4, "interrupted"), backup(2), backup(9, "running")];
  const runs = listRuns(input({ entries, backups, since: day(2) }));
  expect(runs.map(({ startedAt, state, runId }) => [startedAt, state, runId !== undefined])).toEqual([
    [day(9), "running", false],
    [day(5), "failed", true],
    [day(4), "interrupted", false],
    [day(2), "complete", true],
  ]);
});

it("chooseOldRuns() lets go what is beyond the newest 500, or older than 400 days", () => {
  const now = new Date(day(10));
  const ago = (days: number) => ({ startedAt: new Date(now.getTime() - days * 86_400_000).toISOString() });
  expect(chooseOldRuns([ago(401), ago(399), ago(-3), ago(0)], now)).toEqual([ago(401)]);
  const many = Array.from({ length: RUNS_KEPT + 2 }, (_, index) => ago(index / 10));
  expect(chooseOldRuns(many, now)).toEqual(many.slice(-2));
});
