import { describe, expect, it } from "vitest";
import type { HookContext, HookFacts, HookOutcome, HookPlugin } from "../plugin.ts";

export interface DescribeHookOptions {
  /** Options that the plugin's schema takes, with which it does what it should. */
  readonly options: unknown;
  /** Options that it must refuse. */
  readonly wrong?: readonly unknown[] | undefined;
  /** The config's folder; the process's own when absent. */
  readonly directory?: string | undefined;
  /** What it has as its environment; nothing when absent. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Of one test, in milliseconds. 60,000. */
  readonly timeoutMs?: number | undefined;
}

const FACTS: HookFacts = {
  version: 1,
  hook: "describe-hook",
  scope: "run",
  on: "before",
  attempt: 1,
  runId: "20261127_020000_0a1b2c3d",
  action: "backup",
  policy: "nightly",
  backup: "nightly_20261127_020000",
  source: "prod",
  target: "nas",
  values: {},
};

const NOTHING = { collections: 0, collectionsComplete: 0, rows: 0, bytes: 0 };
const OUTCOMES: readonly HookOutcome[] = [
  {
    state: "complete",
    exitStatus: 0,
    summary: "It is complete",
    collections: 2,
    collectionsComplete: 2,
    rows: 5,
    bytes: 9,
  },
  {
    state: "partial",
    exitStatus: 3,
    summary: "It is partial",
    collections: 2,
    collectionsComplete: 1,
    rows: 3,
    bytes: 5,
  },
  {
    state: "failed",
    exitStatus: 14,
    summary: "It failed",
    error: { code: "unreachable", message: "No answer" },
    ...NOTHING,
  },
  { state: "interrupted", exitStatus: 130, summary: "It was stopped", ...NOTHING },
  { state: "skipped", exitStatus: 75, summary: "It was skipped", ...NOTHING },
];

/** The definition of done for a hook, as vitest tests: whatever it calls is called once a moment and outcome. */
export function testHook(plugin: HookPlugin, given: DescribeHookOptions): void {
  const { before, after } = plugin;
  testShape(plugin, given);
  if (before !== undefined) {
    testMoment("before", (context) => before({ ...context, facts: FACTS }), { plugin, given });
  }
  if (after !== undefined) {
    for (const outcome of OUTCOMES) {
      const facts: HookFacts = { ...FACTS, on: "after" };
      testMoment(`after ${outcome.state}`, (context) => after({ ...context, facts }, outcome), { plugin, given });
    }
  }
}

function testShape(plugin: HookPlugin, { options, wrong = [] }: DescribeHookOptions): void {
  it("says what it is: a hook of this API with a name and something to do", () => {
    expect({ ...plugin, name: typeof plugin.name }).toMatchObject({ kind: "hook", apiVersion: 1, name: "string" });
    expect(plugin.before ?? plugin.after).toBeTypeOf("function");
  });

  it("takes the right options and refuses wrong ones, and what is no map", () => {
    expect(plugin.options.safeParse(options).success).toBe(true);
    for (const each of [...wrong, 7, "text"]) expect(plugin.options.safeParse(each).success).toBe(false);
  });
}

type Context = Omit<HookContext<unknown>, "facts">;

function testMoment(
  name: string,
  call: (context: Context) => Promise<unknown>,
  { plugin, given }: { readonly plugin: HookPlugin; readonly given: DescribeHookOptions },
): void {
  const contextOf = (signal: AbortSignal): Context => {
    const { options, directory = ".", env = {} } = given;
    return { options: plugin.options.parse(options), directory, env, signal, say: () => {} };
  };

  describe(name, () => {
    it("does it, and answers nothing that the host would refuse", async () => {
      const answer = await call(contextOf(new AbortController().signal));
      if (answer === undefined) return;
      const { values = {}, skip = false } = answer as { values?: Record<string, unknown>; skip?: unknown };
      expect(skip).toBeTypeOf("boolean");
      for (const [key, value] of Object.entries(values))
        expect([key, value]).toEqual([expect.stringMatching(/^[A-Za-z_]\w*$/), expect.any(String)]);
    });

    it("does nothing, and throws, when its signal is aborted already", async () => {
      const reason = new Error("the host has stopped it");
      await expect(call(contextOf(AbortSignal.abort(reason)))).rejects.toThrow();
    });
  });
}
