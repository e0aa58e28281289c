import { describe, expect, it } from "vitest";
import { LINE_EXAMPLES } from "../../scripts/docs/event-examples.ts";
import { openJsonLog, openPretty } from "../../src/commands/stderr.ts";
import { BackupError } from "../../src/core/errors.ts";

const denied = new BackupError("denied", "Cannot write", { hint: "ask for the right to" });
const bug = new TypeError("x is undefined");

describe("stderr", () => {
  it("openPretty() tells a failure with its hint, a bug with its stack, and gives the exit status", () => {
    const written: string[] = [];
    const { warn, fail } = openPretty({ write: (text) => written.push(text) });
    warn("a notice");
    expect([fail(denied), fail(bug), fail(denied, { policy: "nightly" })]).toEqual([12, 70, 12]);
    expect(written).toEqual([
      "a notice\n",
      "error: Cannot write\nhint: ask for the right to\n",
      `${bug.stack}\nThis is a bug in milvus-backup: please report it with the lines above\n`,
      "error: nightly: Cannot write\nhint: ask for the right to\n",
    ]);
  });

  it("openJsonLog() writes all of it as JSON lines with level and time, events with their run", async () => {
    const written: string[] = [];
    const { warn, fail, log } = await openJsonLog({ write: (text) => written.push(text) });
    warn("a notice");
    log?.(LINE_EXAMPLES["step.started"].line);
    expect([fail(denied, { policy: "nightly" }), fail(bug)]).toEqual([12, 70]);
    const lines = written.map((text): Record<string, unknown> => JSON.parse(text));
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(lines).toEqual([
      { level: "warn", time, msg: "a notice" },
      {
        level: "info",
        time,
        msg: "shop.orders started",
        type: "step.started",
        runId: "20261124_020000_5f3a9c01",
        step: "shop.orders",
        kind: "back-up-collection",
      },
      { level: "error", time, msg: "Cannot write", policy: "nightly", code: "denied", hint: "ask for the right to" },
      { level: "error", time, msg: "x is undefined", code: "bug", stack: bug.stack },
    ]);
  });
});
