import { describe, expect, it } from "vitest";
import { BackupError } from "../../src/core/errors.ts";
import type { FinishedHook } from "../../src/core/events.ts";
import { addHooks, outcomeOfError, outcomeOfReport, skippedReport, worsenOutcome } from "../../src/core/hook-report.ts";
import type { RunReport } from "../../src/core/report.ts";
import { runReport } from "../support/reports.ts";

const REPORT = runReport({ warnings: ["look"] });

const hook = (name: string, given: Partial<FinishedHook> = {}): FinishedHook => ({
  name,
  scope: "run",
  on: "after",
  state: "failed",
  onError: "fail",
  attempts: 1,
  ms: 1,
  error: { code: "failed", message: `The hook ${name} failed: no` },
  ...given,
});
const errorOf = (name: string) => ({ code: "failed", message: `The hook ${name} failed: no` });

describe("addHooks()", () => {
  it("addHooks() changes nothing for hooks that did what they should", () => {
    expect(
      addHooks(REPORT, [
        hook("a", { state: "done", error: undefined }),
        hook("b", { state: "skipped", error: undefined }),
      ]),
    ).toEqual(REPORT);
  });

  it("addHooks() makes a run failed whose hook has failed, and lists it", () => {
    expect(addHooks(REPORT, [hook("a"), hook("b"), hook("c", { onError: "warn" })])).toEqual({
      ...REPORT,
      state: "failed",
      exitStatus: 1,
      errors: [errorOf("a"), errorOf("b")],
      warnings: ["look", "The hook c failed: no"],
      summary: "Backup b1 is complete, but the hooks a, b failed",
    });
  });

  it.each([
    ["partial", 3, "failed", 1],
    ["skipped", 75, "failed", 1],
    ["failed", 4, "failed", 4],
    ["interrupted", 130, "interrupted", 130],
  ] as const)("addHooks() makes of %s (%i) and a failed hook %s (%i)", (...[state, exitStatus, ...expected]) => {
    const report = addHooks({ ...REPORT, state, exitStatus }, [hook("a")]);
    expect([report.state, report.exitStatus]).toEqual(expected);
  });

  it("addHooks() leaves to the collection what is the failure of one, and to the stop what was stopped", () => {
    const stopped = hook("c", { on: "before", error: { code: "interrupted", message: "stopped" } });
    const hooks = [
      hook("a", { scope: "collection", on: "before" }),
      hook("b", { scope: "collection", on: "before", onError: "skip" }),
      stopped,
    ];
    expect(addHooks(REPORT, hooks)).toEqual(REPORT);
    expect(addHooks(REPORT, [hook("a", { scope: "collection" })]).state).toBe("failed");
    expect(addHooks(REPORT, [hook("a", { scope: "collection", on: "before", onError: "warn" })]).warnings).toHaveLength(
      2,
    );
  });
});

describe("what hooks are told", () => {
  it("outcomeOfReport() sums up what is whole, with the first error", () => {
    const failed = { ...REPORT.collections[0], state: "failed", error: { code: "damaged", message: "no room" } };
    const report = {
      ...REPORT,
      state: "partial",
      exitStatus: 3,
      collections: [...REPORT.collections, failed],
    } as RunReport;
    expect(outcomeOfReport(report)).toEqual({
      state: "partial",
      exitStatus: 3,
      summary: "Backup b1 is complete",
      error: { code: "damaged", message: "no room" },
      collections: 2,
      collectionsComplete: 1,
      rows: 5,
      bytes: 100,
    });
  });

  it.each([
    [new BackupError("unreachable", "gone", { hint: "look" }), "failed", 14],
    [new BackupError("interrupted", "stopped"), "interrupted", 130],
    [new BackupError("terminated", "stopped"), "interrupted", 143],
    [new BackupError("refused", "There is a backup b1 already"), "failed", 15],
    [new TypeError("oops"), "failed", 70],
  ])("outcomeOfError() of %s is %s", (error, state, exitStatus) => {
    expect(outcomeOfError(error)).toMatchObject({
      state,
      exitStatus,
      summary: error.message,
      error: { message: error.message },
    });
  });

  it("outcomeOfError() of a skip has no error", () => {
    const outcome = outcomeOfError(new BackupError("skipped", "Left out"));
    expect([outcome.state, outcome.exitStatus, outcome.error]).toEqual(["skipped", 75, undefined]);
  });

  it("worsenOutcome() makes it failed with the first fatal failure, and no better than it was", () => {
    const outcome = outcomeOfReport(REPORT);
    expect(worsenOutcome(outcome, [hook("a", { onError: "warn" })])).toBe(outcome);
    expect(worsenOutcome(outcome, [hook("a")])).toEqual({
      ...outcome,
      state: "failed",
      exitStatus: 1,
      summary: "Backup b1 is complete, but the hook a failed",
      error: errorOf("a"),
    });
    const stopped = outcomeOfError(new BackupError("interrupted", "stopped"));
    expect(worsenOutcome(stopped, [hook("a")])).toBe(stopped);
  });

  it("skippedReport() says that nothing was done, and why", () => {
    const what = {
      runId: "r1",
      action: "backup",
      backup: "b1",
      policy: "nightly",
      source: "prod",
      target: "nas",
    } as const;
    const report = skippedReport(what, { reason: "Left out, as the hook h asks", now: new Date(0) });
    expect([report.state, report.exitStatus, report.summary]).toEqual([
      "skipped",
      75,
      "b1 is skipped: Left out, as the hook h asks",
    ]);
  });
});
