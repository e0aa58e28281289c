import { expect, it } from "vitest";
import { LINE_EXAMPLES } from "../../scripts/docs/event-examples.ts";
import { describeEvent } from "../../src/report/describe-event.ts";

const { at: _at, ...finished } = LINE_EXAMPLES["collection.finished"].line;
const { at, runId } = LINE_EXAMPLES["run.started"].line;
const error = { code: "denied", message: "Cannot write" } as const;

it("describeEvent() keeps what the event says but for its time", () => {
  expect(describeEvent({ at, ...finished })).toEqual({
    level: "info",
    message: "shop.orders is complete",
    facts: finished,
  });
});

it.each([
  ["run.started", "info", "backup started"],
  ["step.started", "info", "shop.orders started"],
  ["step.progress", "info", "shop.orders: copy 225.0 KiB of 450.0 KiB"],
  ["step.finished", "info", "shop.orders done in 0.4s"],
  ["hook.finished", "info", "hook writer (before run) done in 0.0s"],
  ["notice", "warn", "the storage refused a server-side copy: streaming instead"],
  ["backup.committed", "info", "nightly_20261124_020000 is committed, complete"],
] as const)("describeEvent() tells of %s as %s", (type, level, message) => {
  expect(describeEvent(LINE_EXAMPLES[type].line)).toMatchObject({ level, message, facts: { runId, type } });
});

it("describeEvent() keeps the plan out of the log, which may have thousands of steps", () => {
  const { line } = LINE_EXAMPLES["plan.made"];
  expect(describeEvent(line)).toEqual({
    level: "info",
    message: "plan of 3 steps",
    facts: { runId, type: "plan.made", backup: line.plan.backup },
  });
});

it("describeEvent() makes an error of what is not as it was asked for, with its reason", () => {
  const failed = [
    describeEvent({ ...LINE_EXAMPLES["step.finished"].line, status: "failed", error }),
    describeEvent({ ...LINE_EXAMPLES["collection.finished"].line, state: "missing", error }),
    describeEvent({ ...LINE_EXAMPLES["backup.committed"].line, state: "partial" }),
    describeEvent({ ...LINE_EXAMPLES["run.finished"].line, exitStatus: 3, summary: "it is partial" }),
  ];
  expect(failed.map(({ level, message }) => [level, message])).toEqual([
    ["error", "shop.orders failed in 0.4s: Cannot write"],
    ["error", "shop.orders is missing: Cannot write"],
    ["error", "nightly_20261124_020000 is committed, partial"],
    ["error", "it is partial"],
  ]);
});

it("describeEvent() makes of a hook that failed what its failure means, and no error of a run that a hook has skipped", () => {
  const hook = { ...LINE_EXAMPLES["hook.finished"].line, state: "failed", error } as const;
  const told = [
    describeEvent(hook),
    describeEvent({ ...hook, onError: "warn" }),
    describeEvent({ ...hook, onError: "skip" }),
    describeEvent({ ...LINE_EXAMPLES["run.finished"].line, exitStatus: 75, summary: "it is skipped" }),
  ];
  expect(told.map(({ level, message }) => [level, message])).toEqual([
    ["error", "hook writer (before run) failed in 0.0s: Cannot write"],
    ["warn", "hook writer (before run) failed in 0.0s: Cannot write"],
    ["warn", "hook writer (before run) failed in 0.0s: Cannot write"],
    ["warn", "it is skipped"],
  ]);
});
