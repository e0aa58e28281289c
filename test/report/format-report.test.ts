import { describe, expect, it } from "vitest";
import type { CollectionOutcome } from "../../src/core/events.ts";
import type { RunReport } from "../../src/core/report.ts";
import { formatReport } from "../../src/report/format-report.ts";

const BOOK = { database: "default", name: "book" };

function outcome(given: Partial<CollectionOutcome> = {}): CollectionOutcome {
  return {
    collection: BOOK,
    state: "complete",
    rows: 2000,
    segments: 3,
    objects: 21,
    bytes: 460_769,
    notes: [],
    ...given,
  };
}

function report(given: Partial<RunReport> = {}): RunReport {
  return {
    version: 1,
    runId: "r1",
    action: "backup",
    backup: "b1",
    target: "nas",
    state: "complete",
    exitStatus: 0,
    startedAt: "2026-11-24T02:00:00.000Z",
    finishedAt: "2026-11-24T02:01:13.000Z",
    collections: [outcome()],
    errors: [],
    warnings: [],
    summary: "Backup b1 is complete",
    ...given,
  };
}

const lines = (given: Partial<RunReport>): readonly string[] => formatReport(report(given)).split("\n");

describe("formatReport()", () => {
  it("formatReport() has a line per collection, and the sum with the time it took last", () => {
    expect(lines({})).toEqual([
      "COLLECTION    STATE      ROWS  OBJECTS      BYTES",
      "default.book  complete  2,000       21  450.0 KiB",
      "",
      "Backup b1 is complete, in 1m 13s",
    ]);
  });

  it("formatReport() of a restore shows the new names, and rows expected beside rows found", () => {
    const restored = outcome({ restoredTo: { database: "drill", name: "book" }, rows: 1850, rowsFound: 1850 });
    const failed = outcome({ state: "failed", rowsFound: undefined });
    expect(lines({ action: "restore", collections: [restored, failed] }).slice(0, 3)).toEqual([
      "COLLECTION    RESTORED AS  STATE     ROWS EXPECTED  FOUND  OBJECTS      BYTES",
      "default.book  drill.book   complete          1,850  1,850       21  450.0 KiB",
      "default.book               failed            2,000              21  450.0 KiB",
    ]);
  });

  it("formatReport() tells of each collection what was left out, what went wrong and what to do", () => {
    const error = { code: "denied", message: "Cannot write", hint: "give the key s3:PutObject" } as const;
    const found = lines({
      collections: [outcome({ notes: ["segment 5 is left out"], state: "failed", error })],
      errors: [
        { code: "failed", message: "The commit failed", hint: "make room" },
        { code: "failed", message: "no" },
      ],
      warnings: ["x.* matches no collection"],
    });
    expect(found.slice(3)).toEqual([
      "default.book: segment 5 is left out",
      "default.book: Cannot write",
      "  hint: give the key s3:PutObject",
      "error: The commit failed",
      "  hint: make room",
      "error: no",
      "warning: x.* matches no collection",
      "Backup b1 is complete, in 1m 13s",
    ]);
  });

  it("formatReport() without collections is the sum alone", () => {
    expect(lines({ action: "delete", collections: [], summary: "b1 is deleted" })).toEqual([
      "b1 is deleted, in 1m 13s",
    ]);
  });
});
