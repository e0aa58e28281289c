import { describe, expect, it } from "vitest";
import type { HookOutcome } from "../../src/core/contracts/hook-plugin.ts";
import type { Hook, HookErrorPolicy, HookScope } from "../../src/core/contracts/hooks.ts";
import { BackupError, isBackupError } from "../../src/core/errors.ts";
import { withHooks } from "../../src/engine/hooks.ts";
import type { HookFrame } from "../../src/engine/hooks.ts";
import { createTestRun } from "../support/engine-run.ts";
import { frameOf, hookOf, hostOf } from "../support/hook-host.ts";
import type { HookActs } from "../support/hook-host.ts";

const SCOPES: readonly HookScope[] = ["run", "source", "target", "action", "collection"];
const COMPLETE: HookOutcome = {
  state: "complete",
  exitStatus: 0,
  summary: "it is complete",
  collections: 2,
  collectionsComplete: 2,
  rows: 12,
  bytes: 34,
};
const outcomeOf = (): HookOutcome => COMPLETE;

/** What happens around some work, in order, with the state that each after is told, and how it all ends. */
async function tell(
  hooks: readonly Hook[],
  { act, work = async () => {}, scope = "run", signal }: Partial<Setting> = {},
): Promise<{ readonly told: readonly string[]; readonly end: string }> {
  const told: string[] = [];
  const run = createTestRun("r1", { ...(signal && { signal }) });
  const host = hostOf(run, {
    hooks,
    act: (where, context, outcome) => {
      told.push(outcome === undefined ? where : `${where}: ${outcome.state}`);
      return act?.(where, context, outcome);
    },
  });
  try {
    await withHooks(frameOf(host), { scope, outcomeOf }, async (inner) => {
      told.push("work");
      await work(inner);
    });
    return { told, end: "done" };
  } catch (error) {
    if (!isBackupError(error)) throw error;
    return { told, end: `${error.code}: ${error.message}` };
  }
}

interface Setting {
  readonly act: HookActs;
  readonly work: (inner: HookFrame) => Promise<void>;
  readonly scope: HookScope;
  readonly signal: AbortSignal;
}

const failing =
  (...places: readonly string[]): HookActs =>
  (where) => {
    if (places.includes(where)) throw new Error("no");
  };
const skipping =
  (place: string): HookActs =>
  (where) => ({ skip: where === place });
const failWork = async (): Promise<void> => {
  throw new BackupError("unreachable", "It is not there");
};

describe("withHooks()", () => {
  it("withHooks() runs befores, the work, the afters of pairs as a stack, the other afters, and finallys", async () => {
    const hooks = [
      hookOf("last", { finally: true }),
      hookOf("a", { before: true, after: true }),
      hookOf("x", { after: true }),
      hookOf("b", { before: true, after: true }),
      hookOf("begin", { before: true }),
      hookOf("y", { after: true }),
    ];
    expect(await tell(hooks)).toEqual({
      told: [
        "before run a",
        "before run b",
        "before run begin",
        "work",
        "after run b: complete",
        "after run a: complete",
        "after run x: complete",
        "after run y: complete",
        "finally run last: complete",
      ],
      end: "done",
    });
  });

  it("withHooks() calls the hooks of its own scope only", async () => {
    const hooks = SCOPES.map((scope) => hookOf(`of-${scope}`, { scope, before: true, after: true }));
    for (const scope of SCOPES) {
      expect((await tell(hooks, { scope })).told).toEqual([
        `before ${scope} of-${scope}`,
        "work",
        `after ${scope} of-${scope}: complete`,
      ]);
    }
  });

  it("withHooks() runs the after of a pair if and only if its before was begun", async () => {
    const hooks = ["a", "b", "c"].map((name) => hookOf(name, { before: true, after: true }));
    expect(await tell(hooks, { act: failing("before run b") })).toEqual({
      told: ["before run a", "before run b", "after run b: failed", "after run a: failed"],
      end: "failed: The hook b (before run) failed: no",
    });
  });

  it("withHooks() tells the after of a pair how its before ended, and others nothing of that", async () => {
    const hooks = [
      hookOf("a", { before: true, after: true }),
      hookOf("b", { before: true, after: true, onError: "warn" }),
      hookOf("c", { after: true }),
    ];
    const befores: unknown[] = [];
    await tell(hooks, {
      act: (where, _, outcome) => {
        if (outcome !== undefined) befores.push([where, outcome.before]);
        if (where === "before run b") throw new Error("no");
      },
    });
    expect(befores).toEqual([
      ["after run b", "failed"],
      ["after run a", "done"],
      ["after run c", undefined],
    ]);
  });

  it("withHooks() runs the afters also when the work fails, and throws what it threw", async () => {
    const hooks = [
      hookOf("a", { before: true, after: true }),
      hookOf("x", { after: true }),
      hookOf("y", { finally: true }),
    ];
    expect(await tell(hooks, { work: failWork })).toEqual({
      told: ["before run a", "work", "after run a: failed", "after run x: failed", "finally run y: failed"],
      end: "unreachable: It is not there",
    });
  });

  it("withHooks() does not begin, and runs the afters all the same, when the run was stopped", async () => {
    const hooks = [
      hookOf("a", { before: true, after: true }),
      hookOf("x", { after: true }),
      hookOf("y", { finally: true }),
    ];
    const stopped = AbortSignal.abort(new BackupError("interrupted", "The run was stopped by SIGINT"));
    expect(await tell(hooks, { signal: stopped })).toEqual({
      told: ["after run x: interrupted", "finally run y: interrupted"],
      end: "interrupted: The run was stopped by SIGINT",
    });
  });

  it("withHooks() calls the run interrupted, not the hook failed, when it is stopped during a before", async () => {
    const controller = new AbortController();
    const hooks = [hookOf("a", { before: true, after: true }), hookOf("b", { before: true })];
    const act: HookActs = (where) => {
      if (where === "before run a") controller.abort(new BackupError("interrupted", "The run was stopped"));
    };
    expect(await tell(hooks, { act, signal: controller.signal })).toEqual({
      told: ["before run a", "after run a: interrupted"],
      end: "interrupted: The run was stopped",
    });
  });

  it("withHooks() calls an after only for its states", async () => {
    const hooks = (["complete", "partial", "failed", "interrupted", "skipped"] as const).flatMap((state) => [
      hookOf(`a-${state}`, { after: true, states: [state] }),
      hookOf(`f-${state}`, { finally: true, states: [state] }),
    ]);
    expect((await tell(hooks)).told).toEqual([
      "work",
      "after run a-complete: complete",
      "finally run f-complete: complete",
    ]);
    expect((await tell(hooks, { work: failWork })).told).toEqual([
      "work",
      "after run a-failed: failed",
      "finally run f-failed: failed",
    ]);
    const skip = hookOf("s", { before: true });
    expect((await tell([skip, ...hooks], { act: skipping("before run s") })).told).toEqual([
      "before run s",
      "after run a-skipped: skipped",
      "finally run f-skipped: skipped",
    ]);
  });

  it("withHooks() tells the hooks after a fatal failure that it failed, whatever the work has done", async () => {
    const hooks = [
      hookOf("a", { after: true, onError: "warn" }),
      hookOf("b", { after: true }),
      hookOf("alert", { after: true, states: ["failed"] }),
      hookOf("c", { finally: true }),
    ];
    expect(await tell(hooks, { act: failing("after run a", "after run b") })).toEqual({
      told: [
        "work",
        "after run a: complete",
        "after run b: complete",
        "after run alert: failed",
        "finally run c: failed",
      ],
      end: "done",
    });
  });

  it("withHooks() keeps what happens to one collection from the hooks of another", async () => {
    const hooks = [
      hookOf("a", { scope: "collection", after: true }),
      hookOf("b", { scope: "collection", after: true }),
    ];
    const run = createTestRun("r1");
    const told: string[] = [];
    const host = hostOf(run, {
      hooks,
      act: (where, { facts }, outcome) => {
        told.push(`${where} ${facts.collection?.name} ${outcome?.state}`);
        if (facts.hook === "a" && facts.collection?.name === "x") throw new Error("no");
      },
    });
    for (const name of ["x", "y"]) {
      const collection = { database: "default", name };
      await withHooks(frameOf(host), { scope: "collection", collection, outcomeOf }, async () => {});
    }
    expect(told).toEqual([
      "after collection a x complete",
      "after collection b x failed",
      "after collection a y complete",
      "after collection b y complete",
    ]);
  });

  it("withHooks() hands values to later hooks in its scope and below it, not to those beside it", async () => {
    const hooks = [
      hookOf("a", { before: true, after: true }),
      hookOf("b", { before: true }),
      hookOf("c", { scope: "collection", before: true, after: true }),
    ];
    const seen: unknown[] = [];
    const act: HookActs = (where, { facts }) => {
      seen.push([where, facts.values]);
      return where.startsWith("before") ? { values: { [facts.hook]: String(facts.collection?.name ?? 1) } } : undefined;
    };
    const work = async (inner: HookFrame): Promise<void> => {
      for (const name of ["x", "y"]) {
        const place = { scope: "collection", collection: { database: "d", name }, outcomeOf } as const;
        await withHooks(inner, place, async () => {});
      }
    };
    await tell(hooks, { act, work });
    expect(seen).toEqual([
      ["before run a", {}],
      ["before run b", { a: "1" }],
      ["before collection c", { a: "1", b: "1" }],
      ["after collection c", { a: "1", b: "1", c: "x" }],
      ["before collection c", { a: "1", b: "1" }],
      ["after collection c", { a: "1", b: "1", c: "y" }],
      ["after run a", { a: "1", b: "1" }],
    ]);
  });
});

/** What a before or an after of each scope does to the work, by what it does and what its failure means. */
describe("scope × moment × state × onError", () => {
  const LEFT_OUT = "skipped: Left out, as the hook h asks";
  const cases = SCOPES.flatMap((scope) =>
    (["fail", "warn", "skip"] as const).flatMap((onError) =>
      (["ok", "throws", "skips", "takes too long"] as const).map((does) => ({ scope, onError, does })),
    ),
  );

  const act =
    (at: string, does: string): HookActs =>
    async (where, { signal }) => {
      if (!where.startsWith(at) || does === "ok") return undefined;
      if (does === "skips") return { skip: true };
      if (does === "throws") throw new Error("no");
      return await new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    };

  it.each(cases)("a before of $scope with onError $onError that $does", async ({ scope, onError, does }) => {
    const hooks = [hookOf("h", { scope, before: true, after: true, onError, timeoutMs: 20 })];
    const reason = does === "throws" ? "no" : "it took more than 0.0s";
    const hasFailed = does === "throws" || does === "takes too long";
    const expected: Readonly<Record<HookErrorPolicy, string>> = {
      fail: `failed: The hook h (before ${scope}) failed: ${reason}`,
      warn: "done",
      skip: LEFT_OUT,
    };
    const end = does === "skips" ? LEFT_OUT : hasFailed ? expected[onError] : "done";
    const state = end === "done" ? "complete" : end === LEFT_OUT ? "skipped" : "failed";
    expect(await tell(hooks, { scope, act: act("before", does) })).toEqual({
      told: [`before ${scope} h`, ...(end === "done" ? ["work"] : []), `after ${scope} h: ${state}`],
      end,
    });
  });

  it.each(cases)("an after of $scope with onError $onError that $does", async ({ scope, onError, does }) => {
    const hooks = [
      hookOf("h", { scope, after: true, onError, timeoutMs: 20 }),
      hookOf("last", { scope, finally: true, timeoutMs: 20 }),
    ];
    const hasFailed = does === "throws" || does === "takes too long";
    const state = hasFailed && onError === "fail" ? "failed" : "complete";
    expect(await tell(hooks, { scope, act: act("after", does) })).toEqual({
      told: ["work", `after ${scope} h: complete`, `finally ${scope} last: ${state}`],
      end: "done",
    });
  });
});
