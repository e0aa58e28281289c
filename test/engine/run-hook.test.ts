import { afterEach, describe, expect, it, vi } from "vitest";
import type { Hook } from "../../src/core/contracts/hooks.ts";
import { BackupError } from "../../src/core/errors.ts";
import { runHook } from "../../src/engine/run-hook.ts";
import type { HookRequest, HookResult } from "../../src/engine/run-hook.ts";
import { createTestRun } from "../support/engine-run.ts";
import { hookOf, hostOf } from "../support/hook-host.ts";
import type { HookActs } from "../support/hook-host.ts";

interface Setting extends Partial<HookRequest> {
  readonly act: HookActs;
  readonly hook?: Hook;
  readonly signal?: AbortSignal;
  readonly mask?: (text: string) => string;
}

async function call({ act, signal, mask, ...request }: Setting): Promise<HookResult> {
  const run = createTestRun("r1", { now: () => new Date(0), ...(signal && { signal }) });
  const hook = request.hook ?? hookOf("h", { before: true });
  return await runHook(hostOf(run, { hooks: [hook], act, ...(mask && { mask }) }), {
    hook,
    on: "before",
    values: {},
    ...request,
  });
}

afterEach(() => void vi.useRealTimers());

const DONE = { name: "h", scope: "run", on: "before", state: "done", onError: "fail", attempts: 1, ms: 0 };

describe("runHook()", () => {
  it("runHook() tells the plugin the facts of the run, and gives what it answers", async () => {
    const seen: unknown[] = [];
    const result = await call({
      act: (_, { facts, directory, env, signal }) => {
        seen.push(facts, directory, env, signal.aborted);
        return { values: { a: "1" } };
      },
      values: { b: "2" },
    });
    expect(result).toEqual({ finished: DONE, values: { a: "1" } });
    expect(seen).toEqual([
      {
        version: 1,
        hook: "h",
        scope: "run",
        on: "before",
        attempt: 1,
        runId: "r1",
        action: "backup",
        policy: "nightly",
        backup: "b1",
        source: "prod",
        target: "nas",
        values: { b: "2" },
      },
      "/config",
      {},
      false,
    ]);
  });

  it("runHook() repeats what fails as often as it is told, and says how often it was tried", async () => {
    const attempts: number[] = [];
    const act: HookActs = (_, { facts }) => {
      attempts.push(facts.attempt);
      if (facts.attempt < 3) throw new Error("not yet");
    };
    const hook = hookOf("h", { before: true, retries: 2 });
    expect((await call({ act, hook })).finished).toEqual({ ...DONE, attempts: 3 });
    expect((await call({ act, hook: { ...hook, retries: 1 } })).finished).toEqual({
      ...DONE,
      state: "failed",
      attempts: 2,
      error: { code: "failed", message: "The hook h (before run) failed after 2 attempts: not yet" },
    });
    expect(attempts).toEqual([1, 2, 3, 1, 2]);
  });

  it("runHook() does not repeat a hook that asks to skip", async () => {
    let calls = 0;
    const act: HookActs = () => {
      calls += 1;
      return { skip: true };
    };
    const { finished } = await call({ act, hook: hookOf("h", { before: true, retries: 5 }) });
    expect([finished, calls]).toEqual([{ ...DONE, state: "skipped" }, 1]);
  });

  it("runHook() ends each attempt at its time, and calls that the reason", async () => {
    const act: HookActs = (_, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve()); // as a command that traps SIGTERM and then succeeds
      });
    const { finished } = await call({ act, hook: hookOf("h", { before: true, retries: 1, timeoutMs: 10 }) });
    expect([finished.state, finished.attempts, finished.error?.message]).toEqual([
      "failed",
      2,
      "The hook h (before run) failed after 2 attempts: it took more than 0.0s",
    ]);
  });

  it("runHook() goes on without a plugin that does not heed its signal", async () => {
    vi.useFakeTimers();
    const running = call({ act: () => new Promise(() => {}), hook: hookOf("h", { before: true, timeoutMs: 1000 }) });
    await vi.advanceTimersByTimeAsync(31_000);
    expect((await running).finished.error?.message).toBe("The hook h (before run) failed: it took more than 1.0s");
  });

  it("runHook() ends a before with the run, without another attempt; an after goes on", async () => {
    const controller = new AbortController();
    const stop = new BackupError("interrupted", "The run was stopped");
    let calls = 0;
    const act: HookActs = async (_, { signal }) => {
      calls += 1;
      controller.abort(stop);
      signal.throwIfAborted();
    };
    const before = await call({ act, signal: controller.signal, hook: hookOf("h", { before: true, retries: 3 }) });
    expect([calls, before.finished.state, before.finished.error]).toEqual([
      1,
      "failed",
      { code: "interrupted", message: "The hook h (before run) failed: The run was stopped" },
    ]);
    const after = await call({ act, signal: controller.signal, hook: hookOf("h", { after: true }), on: "after" });
    expect(after.finished.state).toBe("done");
  });

  it("runHook() stops waiting for the next attempt when the run is stopped", async () => {
    const controller = new AbortController();
    const act: HookActs = () => {
      queueMicrotask(() => setTimeout(() => controller.abort(new BackupError("interrupted", "The run was stopped"))));
      throw new Error("no");
    };
    const hook = hookOf("h", { before: true, retries: 3, retryDelayMs: 3_600_000 });
    expect((await call({ act, hook, signal: controller.signal })).finished).toMatchObject({
      attempts: 1,
      error: { code: "interrupted" },
    });
  });

  it("runHook() keeps the end of what is said, and puts its last line into the error", async () => {
    const act: HookActs = (_, { say }) => {
      say("x".repeat(10_000));
      say("\nconnecting\nno route");
      say(" to host\n");
      throw new Error("exit status 1");
    };
    const { finished } = await call({ act });
    expect(finished.output).toHaveLength(4095); // of 4096, a newline at the end
    expect(finished.output?.endsWith("x\nconnecting\nno route to host")).toBe(true);
    expect(finished.error?.message).toBe("The hook h (before run) failed: exit status 1; it said: no route to host");
  });

  it("runHook() masks secrets in what is said and in the error, also one that is cut through", async () => {
    const secret = "s3cret-value-of-some-length";
    const act: HookActs = (_, { say }) => {
      for (let count = 0; count < 20_000; count += 1) say(`${secret} ${"-".repeat(100)} `);
      throw new Error(`no ${secret}`);
    };
    const { finished } = await call({ act, mask: (text) => text.replaceAll(secret, "***") });
    expect(finished.error?.message).toMatch(/^The hook h \(before run\) failed: no \*\*\*; it said: [-* ]+$/);
    expect(finished.output).toMatch(/^[-* ]{4000,}$/);
  });

  it.each([
    [{ "a-b": "1" }, 'A value of a hook is called "a-b", not as a variable'],
    [{ a: { b: 1 } }, "The value a of a hook is neither text nor a number"],
    [["a"], "The values of a hook are not a JSON object"],
    [{ a: "x".repeat(70_000) }, "The values of a hook have 70001 characters, more than 65536"],
  ])("runHook() refuses the values %j", async (values, message) => {
    const act: HookActs = () => ({ values: values as unknown as Record<string, string> }); // a plugin without types
    const { finished, values: kept } = await call({ act });
    expect([finished.error?.message, kept]).toEqual([`The hook h (before run) failed: ${message}`, {}]);
  });

  it("runHook() calls the failure of an after that would skip, and of a finally, a warning", async () => {
    const act: HookActs = () => {
      throw new Error("no");
    };
    const after = hookOf("h", { after: true, onError: "skip" });
    expect((await call({ act, hook: after, on: "after" })).finished.onError).toBe("warn");
    expect((await call({ act, hook: hookOf("h", { finally: true }), on: "finally" })).finished.onError).toBe("warn");
  });

  it.each([undefined, null, "no", new TypeError("oops")])(
    "runHook() never throws, whatever a plugin does: %s",
    async (thrown) => {
      const act: HookActs = () => {
        throw thrown;
      };
      expect((await call({ act })).finished).toMatchObject({ state: "failed", error: { code: "failed" } });
    },
  );
});
