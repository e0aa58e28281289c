import { describe, expect, it } from "vitest";
import type { CollectionOutcome } from "../../src/core/events.ts";
import type { RunReport } from "../../src/core/report.ts";
import { formatReport } from "../../src/report/format-report.ts";
import { nextSteps } from "../../src/report/next-steps.ts";
import { collectionOutcome, runReport } from "../support/reports.ts";

const BOOK = { database: "default", name: "book" };

function outcome(given: Partial<CollectionOutcome> = {}): CollectionOutcome {
  return collectionOutcome({ collection: BOOK, rows: 2000, segments: 3, objects: 21, bytes: 460_769, ...given });
}

function report(given: Partial<RunReport> = {}): RunReport {
  const times = { startedAt: "2026-11-24T02:00:00.000Z", finishedAt: "2026-11-24T02:01:13.000Z" };
  return runReport({ ...times, collections: [outcome()], ...given });
}

const lines = (given: Partial<RunReport>): readonly string[] => formatReport(report(given)).split("\n");

describe("formatReport()", () => {
  it("formatReport() of several targets has a line for each, why one has no copy, and how to remove what was left: never what is not ours", () => {
    const error = { code: "unreachable", message: "Cannot reach it", hint: "Is it up?" } as const;
    const targets = [
      { name: "nas", state: "complete", objects: 21, bytes: 460_769 },
      { name: "offsite", state: "failed", objects: 0, bytes: 0, error },
      {
        name: "lab",
        state: "failed",
        objects: 0,
        bytes: 0,
        error: { code: "refused", message: "Another has its name" },
      },
    ] as const;
    expect(lines({ policy: "nightly", state: "partial", exitStatus: 3, targets })).toEqual([
      "STATE      ROWS  OBJECTS      BYTES  COLLECTION",
      "complete  2,000       21  450.0 KiB  default.book",
      "",
      "STATE     OBJECTS      BYTES  TARGET",
      "complete       21  450.0 KiB  nas",
      "failed          0        0 B  offsite",
      "failed          0        0 B  lab",
      "",
      "Not done:",
      "  offsite: Cannot reach it",
      "    hint: Is it up?",
      "  lab: Another has its name",
      "",
      "Backup b1 is complete, in 1m 13s",
      "  milvus-backup get b1 shows what is in it",
      "  milvus-backup restore b1 brings it back",
      "  milvus-backup delete b1 --target offsite --yes removes what it left there, if anything",
    ]);
  });

  it("formatReport() has a line per collection, the sum with the time it took, and what can be done now", () => {
    expect(lines({ policy: "nightly" })).toEqual([
      "STATE      ROWS  OBJECTS      BYTES  COLLECTION",
      "complete  2,000       21  450.0 KiB  default.book",
      "",
      "Backup b1 is complete, in 1m 13s",
      "  milvus-backup get b1 shows what is in it",
      "  milvus-backup restore b1 brings it back",
    ]);
  });

  it("formatReport() of a restore shows the new names, and rows expected beside rows found", () => {
    const restored = outcome({ restoredTo: { database: "drill", name: "book" }, rows: 1850, rowsFound: 1850 });
    const same = outcome({ restoredTo: BOOK, rowsFound: 2000 });
    const failed = outcome({ state: "failed", rowsFound: undefined });
    expect(lines({ action: "restore", collections: [restored, same, failed], summary: "It is whole" })).toEqual([
      "STATE     EXPECTED  FOUND  OBJECTS      BYTES  COLLECTION, AND ITS NEW NAME",
      "complete     1,850  1,850       21  450.0 KiB  default.book → drill.book",
      "complete     2,000  2,000       21  450.0 KiB  default.book",
      "failed       2,000              21  450.0 KiB  default.book",
      "",
      "It is whole, in 1m 13s",
    ]);
  });

  it("formatReport() tells of each collection what was left out, what went wrong and what to do", () => {
    const error = { code: "denied", message: "Cannot write", hint: "give the key s3:PutObject" } as const;
    const found = lines({
      policy: "nightly",
      state: "partial",
      collections: [outcome({ notes: ["segment 5 is left out"], state: "failed", error })],
      errors: [
        { code: "failed", message: "The commit failed", hint: "make room" },
        { code: "failed", message: "no" },
      ],
      warnings: ["x.* matches no collection"],
      summary: "Backup b1 is partial",
    });
    expect(found.slice(3)).toEqual([
      "Not done:",
      "  default.book: Cannot write",
      "    hint: give the key s3:PutObject",
      "  The commit failed",
      "    hint: make room",
      "  no",
      "",
      "Notes:",
      "  default.book: segment 5 is left out",
      "  x.* matches no collection",
      "",
      "Backup b1 is partial, in 1m 13s",
      "  milvus-backup get b1 shows what is in it, which can be restored",
      "  milvus-backup run nightly takes a whole one, once what is not done is mended",
    ]);
  });

  it("formatReport() leaves room for a name in 80 columns beside billions of rows, and tells a longer name whole", () => {
    const big = { rows: 1e9, rowsFound: 1e9, objects: 1e6, bytes: 2 ** 44, state: "complete" } as const;
    const long = { database: "d".repeat(200), name: "n".repeat(255) };
    const found = lines({ action: "restore", collections: [outcome({ ...big, restoredTo: long })] });
    expect(found[0]?.indexOf("COLLECTION")).toBeLessThan(64);
    expect(found[1]?.endsWith(`default.book → ${"d".repeat(200)}.${"n".repeat(255)}`)).toBe(true);
  });

  it("formatReport() without collections is the sum alone", () => {
    expect(lines({ action: "delete", collections: [], summary: "b1 is deleted" })).toEqual([
      "b1 is deleted, in 1m 13s",
    ]);
  });
});

describe("nextSteps()", () => {
  const again = "once what is not done is mended";
  const target = "(with the --target of this run, if it had one)";

  it.each([
    [
      { state: "failed", policy: "nightly" },
      [
        `milvus-backup run nightly takes another one, ${again}: this is no backup`,
        "milvus-backup delete b1 --yes removes what it left, if anything",
      ],
    ],
    [
      { state: "interrupted" },
      [
        `milvus-backup create takes another one, ${again}: this is no backup`,
        "milvus-backup delete b1 --yes removes what it left, if anything",
        target,
      ],
    ],
    [{ action: "restore", state: "complete" }, []],
    [
      { action: "restore", state: "partial" },
      [
        "milvus-backup restore b1 --collections GLOB brings back what is not done, once that is mended;",
        "with --on-conflict replace where something is there already",
        target,
      ],
    ],
    [{ action: "delete", state: "failed" }, ["milvus-backup delete b1 --yes finishes what was begun", target]],
  ] as const)("nextSteps() after %j", (given, steps) => {
    expect(nextSteps(report(given))).toEqual(steps);
  });
});
