import { expect, it } from "vitest";
import { LINE_EXAMPLES } from "../../scripts/docs/event-examples.ts";
import { summarizeRuns } from "../../src/core/run-summary.ts";
import { formatSummary } from "../../src/report/format-summary.ts";

const { type: _report, ...report } = LINE_EXAMPLES.report.line;
const { error } = LINE_EXAMPLES["not-started"].line;
const { type: _type, ...summary } = LINE_EXAMPLES.summary.line;
const outcomes = [
  { policy: "nightly", report },
  { policy: "weekly", error, exitStatus: 14 },
] as const;

it("summarizeRuns() has every policy in its order, and the worst exit status", () => {
  expect(summarizeRuns(outcomes)).toEqual(summary);
});

it("formatSummary() has a line for each policy, and says why one is not complete", () => {
  expect(formatSummary(summarizeRuns(outcomes)).split("\n")).toEqual([
    "EXIT  STATE        POLICY   BACKUP",
    "   0  complete     nightly  nightly_20261124_020000",
    "  14  not-started  weekly",
    "",
    "weekly: Connect on Milvus at localhost:19530 failed",
    "1 of 2 policies complete",
  ]);
});
