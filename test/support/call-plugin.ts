/** Hook plugins, called as the host calls them. */
import { tmpdir } from "node:os";
import process from "node:process";
import type { HookAnswer, HookFacts, HookOutcome, HookPlugin } from "../../src/plugin.ts";

export const FACTS: HookFacts = {
  version: 1,
  hook: "h",
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

export const FAILED: HookOutcome = {
  state: "failed",
  exitStatus: 14,
  summary: "Milvus does not answer",
  error: { code: "unreachable", message: "Milvus does not answer", hint: "is it running" },
  collections: 3,
  collectionsComplete: 1,
  rows: 1234,
  bytes: 2048,
};

export const COMPLETE: HookOutcome = {
  state: "complete",
  exitStatus: 0,
  summary: "Backup b1 is complete: 3 collections",
  collections: 3,
  collectionsComplete: 3,
  rows: 1234,
  bytes: 2048,
};

export interface CallSetting {
  readonly facts?: Partial<HookFacts>;
  /** Of an after; without it the plugin's before is called. */
  readonly outcome?: HookOutcome;
  readonly directory?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly say?: (text: string) => void;
}

/** Calls the plugin with these options; gives its answer, and all it said. */
export async function callPlugin(
  plugin: HookPlugin,
  options: unknown,
  setting: CallSetting = {},
): Promise<{ readonly answer: HookAnswer | void; readonly said: string }> {
  const said: string[] = [];
  const { facts, outcome, say = (text: string) => void said.push(text) } = setting;
  const { directory = tmpdir(), env = { PATH: process.env["PATH"] ?? "" } } = setting;
  const { signal = new AbortController().signal } = setting;
  const context = {
    options: plugin.options.parse(options),
    facts: { ...FACTS, ...facts },
    directory,
    env,
    signal,
    say,
  };
  const answer = outcome === undefined ? await plugin.before?.(context) : await plugin.after?.(context, outcome);
  return { answer, said: said.join("") };
}
