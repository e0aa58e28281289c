import type { CollectionName } from "../core/collection-name.ts";
import type { HookAnswer, HookContext, HookOutcome } from "../core/contracts/hook-plugin.ts";
import type { Hook, HookCall, HookErrorPolicy, HookFacts, HookMoment, HookState } from "../core/contracts/hooks.ts";
import type { EventError, FinishedHook } from "../core/events.ts";
import { explainHookFailure } from "../core/hook-failure.ts";
import { systemClock } from "../io/clock.ts";
import { createOutputTail } from "./output-tail.ts";
import type { Run } from "./run.ts";
import { tryHook } from "./try-hook.ts";

/** Calls a plugin, its options revealed and checked; the outcome is that of an after or finally. */
export type HookCaller = (
  call: HookCall,
  context: Omit<HookContext<unknown>, "options">,
  outcome: HookOutcome | undefined,
) => Promise<HookAnswer | void>;

/** What the hooks of a run share. */
export interface HookHost extends Pick<HookContext<unknown>, "directory" | "env"> {
  readonly hooks: readonly Hook[];
  readonly run: Run;
  readonly facts: Pick<HookFacts, "action" | "policy" | "backup" | "source" | "target">;
  readonly call: HookCaller;
  /** The text with its secrets masked. */
  mask(text: string): string;
}

export interface HookRequest {
  readonly hook: Hook;
  readonly on: HookMoment;
  readonly collection?: CollectionName | undefined;
  readonly values: Readonly<Record<string, string>>;
  /** Of an after or finally. */
  readonly outcome?: HookOutcome | undefined;
}

export interface HookResult {
  readonly finished: FinishedHook;
  readonly values: Readonly<Record<string, string>>;
}

/** Runs one hook to its end, with its retries. It never throws: what went wrong is in the result. */
export async function runHook(host: HookHost, request: HookRequest): Promise<HookResult> {
  const { hook, on, collection } = request;
  const startedAt = host.run.now().getTime();
  const tail = createOutputTail();
  const tried = await tryAll(host, request, tail.add);
  const output = tail.read((text) => host.mask(text));
  const finished: FinishedHook = {
    name: hook.name,
    scope: hook.scope,
    on,
    ...(collection && { collection }),
    state: stateOf(tried),
    onError: meaningOf(request),
    attempts: tried.attempts,
    ms: Math.max(0, host.run.now().getTime() - startedAt), // the clock may have been set back
    ...(output !== undefined && { output }),
    ...("error" in tried && { error: maskError(host, explainHookFailure({ hook, on, error: tried.error, output })) }),
  };
  return { finished, values: "error" in tried ? {} : (tried.answer?.values ?? {}) };
}

type Tried =
  | { readonly attempts: number; readonly answer: HookAnswer | undefined }
  | { readonly attempts: number; readonly error: unknown };

async function tryAll(host: HookHost, request: HookRequest, say: (text: string) => void): Promise<Tried> {
  const { retries, retryDelayMs } = request.hook;
  const stop = request.on === "before" ? host.run.signal : undefined; // what comes after a run is not stopped with it
  for (let attempts = 1; ; attempts += 1) {
    try {
      return { attempts, answer: await tryHook(host, request, { attempt: attempts, stop, say }) };
    } catch (error) {
      if (attempts > retries || stop?.aborted) return { attempts, error };
    }
    try {
      await systemClock.sleep(retryDelayMs, stop);
    } catch (error) {
      return { attempts, error };
    }
  }
}

function stateOf(tried: Tried): HookState {
  if ("error" in tried) return "failed";
  return tried.answer?.skip ? "skipped" : "done";
}

/** After the work there is nothing left to skip, and at last nothing to change. */
function meaningOf({ hook, on }: HookRequest): HookErrorPolicy {
  return on === "finally" || (on === "after" && hook.onError === "skip") ? "warn" : hook.onError;
}

function maskError({ mask }: HookHost, { code, message, hint }: EventError): EventError {
  return { code, message: mask(message), ...(hint !== undefined && { hint: mask(hint) }) };
}
