import { describe, expect, it } from "vitest";
import { BackupError } from "../../src/core/errors.ts";
import { isWorthKeeping } from "../../src/engine/worth-keeping.ts";

const MODES = ["create", "replace", "append"] as const;
const anyError = new BackupError("unreachable", "Milvus has gone away");
const otherRows = new BackupError("damaged", "5 rows, not 7", { facts: { rowsFound: 5 } });
const stillImporting = new BackupError("failed", "Task 7 still runs", { facts: { importTask: "7" } });

/** For the modes in their order. */
function kept(error: unknown, given: { readonly areRowsRight?: boolean; readonly isStopped?: boolean } = {}) {
  const unfinished = { areRowsRight: false, isStopped: false, ...given };
  return MODES.map((mode) => isWorthKeeping({ mode, ...unfinished }, error));
}

describe("isWorthKeeping()", () => {
  it.each([
    {
      title: "what has no rows yet goes, rows that were there before stay",
      error: anyError,
      given: {},
      expected: [false, false, true],
    },
    {
      title: "right rows stay though something else is not right",
      error: anyError,
      given: { areRowsRight: true },
      expected: [true, false, true],
    },
    {
      title: "not in a run that was stopped",
      error: anyError,
      given: { areRowsRight: true, isStopped: true },
      expected: [false, false, true],
    },
    { title: "other rows stay for inspection", error: otherRows, given: {}, expected: [true, false, true] },
    {
      title: "what an import still writes to stays",
      error: stillImporting,
      given: { isStopped: true },
      expected: [true, true, true],
    },
  ])("isWorthKeeping(): $title", ({ error, given, expected }) => {
    expect(kept(error, given)).toEqual(expected);
  });
});
