import { afterEach, describe, expect, it, vi } from "vitest";
import type { ObserverHandlers } from "../../src/core/contracts/observer.ts";
import type { BackupEvent } from "../../src/core/events.ts";
import { createObservers } from "../../src/engine/observers.ts";
import type { ObserverEntry } from "../../src/engine/observers.ts";
import { definePlugin } from "../../src/plugin.ts";
import type { Plan, RunReport } from "../../src/plugin.ts";
import { runReport } from "../support/reports.ts";

const STAMP = { at: "2026-11-27T02:00:00.000Z", runId: "r1" };
const PLAN: Plan = { version: 1, action: "backup", backup: "b1", target: "nas", steps: [], warnings: [] };
const EVENTS: readonly BackupEvent[] = [
  { ...STAMP, type: "run.started", version: 1, action: "backup" },
  { ...STAMP, type: "plan.made", plan: PLAN },
  { ...STAMP, type: "notice", message: "hello" },
];
const REPORT = runReport();

const entryOf = (name: string, on: ObserverHandlers<Readonly<Record<string, never>>>): ObserverEntry => ({
  plugin: definePlugin({ apiVersion: 1, name, on }),
  options: async () => ({}),
});

/** Tells them all, and gives what finish says. */
async function tellAll(entries: readonly ObserverEntry[], report?: RunReport): Promise<readonly string[]> {
  const observers = createObservers(entries, {
    directory: "/config",
    mask: (text) => text.replaceAll("s3cret", "***"),
  });
  for (const event of EVENTS) observers.tell(event);
  return await observers.finish(report);
}

afterEach(() => void vi.useRealTimers());

describe("createObservers()", () => {
  it("createObservers() tells each of them in order, one call after another's end, the report last", async () => {
    const told: unknown[] = [];
    const tell = async (what: unknown): Promise<void> => {
      told.push(["begin", what]);
      await new Promise((resolve) => setImmediate(resolve));
      told.push(["end", what]);
    };
    const entry = entryOf("a", {
      planned: (plan) => tell(plan.backup),
      event: ({ type }) => tell(type),
      finished: ({ state }, { directory }) => tell([state, directory]),
    });
    expect(await tellAll([entry], REPORT)).toEqual([]);
    const calls = ["run.started", "b1", "plan.made", "notice", ["complete", "/config"]];
    expect(told).toEqual(
      calls.flatMap((what) => [
        ["begin", what],
        ["end", what],
      ]),
    );
  });

  it.each(["planned", "event", "finished"] as const)(
    "createObservers() makes what is thrown in %s a warning, tells that one no more, and the others all the same",
    async (phase) => {
      let calls = 0;
      const fail = (): void => {
        calls += 1;
        throw new Error("no s3cret");
      };
      const told: string[] = [];
      const entries = [
        entryOf("bad", { [phase]: fail }),
        entryOf("good", { event: ({ type }) => void told.push(type) }),
      ];
      expect(await tellAll(entries, REPORT)).toEqual([`The plugin bad failed (${phase}): no ***`]);
      expect([calls, told]).toEqual([1, EVENTS.map(({ type }) => type)]);
    },
  );

  it("createObservers() makes options that cannot be had a warning", async () => {
    const entry = { ...entryOf("a", { finished: () => {} }), options: () => Promise.reject(new Error("no secret")) };
    expect(await tellAll([entry], REPORT)).toEqual(["The plugin a failed (finished): no secret"]);
  });

  it("createObservers() opens nothing for an observer that is told nothing", async () => {
    let opened = 0;
    const options = async (): Promise<object> => ({ opened: (opened += 1) });
    expect(await tellAll([{ ...entryOf("a", { finished: () => {} }), options }])).toEqual([]);
    expect(opened).toBe(0);
  });

  it("createObservers() ends without an observer that does not come to its end, and tells it so", async () => {
    vi.useFakeTimers();
    let isTold = false;
    const entry = entryOf("slow", {
      event: (_, { signal }) => {
        signal.addEventListener("abort", () => void (isTold = true));
        return new Promise(() => {});
      },
    });
    const finishing = tellAll([entry], REPORT);
    await vi.advanceTimersByTimeAsync(31_000);
    expect(await finishing).toEqual(["The plugin slow failed (event): it did not end within 30 s"]);
    expect(isTold).toBe(true);
  });
});
