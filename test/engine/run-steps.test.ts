import { afterEach, describe, expect, it, vi } from "vitest";
import process from "node:process";
import { BackupError } from "../../src/core/errors.ts";
import type { Plan, Step } from "../../src/core/plan.ts";
import { runSteps } from "../../src/engine/run-steps.ts";
import type { StepRunners } from "../../src/engine/run-steps.ts";
import { createOutput, createTestRun } from "../support/engine-run.ts";

const NAMES = ["a", "b", "c", "d", "e"];

function planOf(names: readonly string[]): Plan {
  const steps: Step[] = [
    { kind: "begin-backup", id: "begin", why: "" },
    ...names.map((name): Step => {
      return {
        kind: "back-up-collection",
        id: name,
        why: "",
        collection: { database: "default", name },
        isNamed: false,
      };
    }),
    { kind: "commit-backup", id: "commit", why: "" },
  ];
  return { version: 1, action: "backup", backup: "b1", target: "nas", steps, warnings: [] };
}

interface Steps {
  readonly order: string[];
  readonly runners: StepRunners<"begin-backup" | "back-up-collection" | "commit-backup">;
}

/** Steps that only say that they ran; what they throw is told by their ids. */
function stepsThat(
  fail: Readonly<Record<string, Error>> = {},
  during: (id: string) => Promise<void> | void = () => {},
): Steps {
  const order: string[] = [];
  const runner = async ({ id }: Step): Promise<string> => {
    order.push(id);
    await during(id);
    const error = fail[id];
    if (error !== undefined) throw error;
    return "fine";
  };
  return { order, runners: { "begin-backup": runner, "back-up-collection": runner, "commit-backup": runner } };
}

afterEach(() => void vi.restoreAllMocks());

describe("runSteps()", () => {
  it("runSteps() carries out the stages one after another, with an event at each end", async () => {
    const run = createTestRun("r1");
    const { order, runners } = stepsThat();
    await runSteps(planOf(NAMES), run, { runners, concurrency: 1 });
    expect(order).toEqual(["begin", ...NAMES, "commit"]);
    expect([...run.steps]).toEqual(order.map((id) => [id, "done"]));
    expect(run.events.map((event) => event.type)).toEqual(order.flatMap(() => ["step.started", "step.finished"]));
    expect(run.failures).toEqual([]);
  });

  it("runSteps() runs the steps of a stage side by side, at most so many, and ends them before the next stage", async () => {
    const run = createTestRun("r1");
    let [running, most] = [0, 0];
    const { order, runners } = stepsThat({}, async (id) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5)); // long enough for a neighbour to begin
      running -= 1;
      if (id === "commit") expect(running).toBe(0);
    });
    await runSteps(planOf(NAMES), run, { runners, concurrency: 2 });
    expect([most, order.at(-1)]).toEqual([2, "commit"]);
  });

  it("runSteps() goes on after a step that failed, and remembers why", async () => {
    const run = createTestRun("r1");
    const { order, runners } = stepsThat({
      b: new BackupError("denied", "no", { hint: "ask" }),
      c: new TypeError("oops"),
    });
    await runSteps(planOf(NAMES), run, { runners, concurrency: 1 });
    expect(order).toEqual(["begin", ...NAMES, "commit"]);
    expect(run.failures).toEqual([
      { step: "b", code: "denied", message: "no", hint: "ask" },
      { step: "c", code: "bug", message: "oops" },
    ]);
    expect([run.steps.get("b"), run.steps.get("commit")]).toEqual(["failed", "done"]);
  });

  it("runSteps() begins nothing after an essential step that failed", async () => {
    const run = createTestRun("r1");
    const { order, runners } = stepsThat({ begin: new BackupError("refused", "taken") });
    await runSteps(planOf(NAMES), run, { runners, concurrency: 2 });
    expect([order, [...run.steps]]).toEqual([["begin"], [["begin", "failed"]]]);
  });

  it.each([["a"], NAMES])("runSteps() begins nothing after it was stopped, with %s", async (...names) => {
    const controller = new AbortController();
    const run = createTestRun("r1", { signal: controller.signal });
    const { order, runners } = stepsThat({}, (id) => {
      if (id === "a") controller.abort(new BackupError("interrupted", "stopped"));
    });
    await runSteps(planOf(names), run, { runners, concurrency: 1 });
    expect(order).toEqual(["begin", "a"]);
    expect(run.steps.has("commit")).toBe(false);
  });

  it("runSteps() calls a step that nothing carries out a bug", async () => {
    const run = createTestRun("r1");
    const { runners } = stepsThat();
    await runSteps(planOf(["a"]), run, { runners: { "begin-backup": runners["begin-backup"] }, concurrency: 1 });
    expect(run.failures.map(({ step, code }) => [step, code])).toEqual([
      ["a", "bug"],
      ["commit", "bug"],
    ]);
  });

  it.each(["silent", "simple", "default"] as const)("runSteps() prints nothing to stdout (%s)", async (renderer) => {
    const written: unknown[] = [];
    vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
      written.push(chunk);
      return true;
    });
    const { runners } = stepsThat({ b: new BackupError("failed", "no") });
    const display = renderer === "silent" ? { renderer } : { renderer, output: createOutput(renderer === "default") };
    await runSteps(planOf(NAMES), createTestRun("r1", { display }), { runners, concurrency: 2 });
    vi.restoreAllMocks();
    expect(written).toEqual([]);
  });

  it("runSteps() carries out thousands of steps", async () => {
    const run = createTestRun("r1");
    const names = Array.from({ length: 3000 }, (_, index) => `c${index}`);
    const { order, runners } = stepsThat();
    await runSteps(planOf(names), run, { runners, concurrency: 4 });
    expect(order).toHaveLength(3002);
  });
});
