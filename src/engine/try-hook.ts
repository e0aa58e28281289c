import type { HookAnswer } from "../core/contracts/hook-plugin.ts";
import type { HookFacts } from "../core/contracts/hooks.ts";
import { BackupError } from "../core/errors.ts";
import { checkHookValues } from "../core/hook-values.ts";
import { formatDuration } from "../core/quantities.ts";
import type { HookHost, HookRequest } from "./run-hook.ts";

export interface HookAttempt {
  /** From 1. */
  readonly attempt: number;
  /** Ends it early. */
  readonly stop: AbortSignal | undefined;
  say(text: string): void;
}

/** One attempt at a hook, within its time. Throws what went wrong; of one that was ended, why it was ended. */
export async function tryHook(
  host: HookHost,
  request: HookRequest,
  { attempt, stop, say }: HookAttempt,
): Promise<HookAnswer | undefined> {
  const { hook, on, outcome } = request;
  const call = hook[on];
  if (call === undefined) throw new TypeError(`The hook ${hook.name} has nothing to do ${on}`);
  const patience = new AbortController();
  const tooLong = new BackupError("failed", `it took more than ${formatDuration(hook.timeoutMs)}`);
  const timer = setTimeout(() => patience.abort(tooLong), hook.timeoutMs);
  const signal = stop === undefined ? patience.signal : AbortSignal.any([patience.signal, stop]);
  const { directory, env } = host;
  const context = { facts: factsOf(host, request, attempt), directory, env, signal, say };
  try {
    const answer = await unlessAbandoned(host.call(call, context, outcome), signal);
    signal.throwIfAborted();
    return answer ? { ...answer, values: checkHookValues(answer.values ?? {}) } : undefined;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A plugin that does not heed its signal is given so long before the run goes on without it. */
const ABANDONED_AFTER_MS = 30_000;

async function unlessAbandoned<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  const settled = new AbortController();
  const abandoned = new Promise<never>((_, reject) => {
    const give = (): void => {
      const timer = setTimeout(() => reject(signal.reason as Error), ABANDONED_AFTER_MS);
      settled.signal.addEventListener("abort", () => clearTimeout(timer));
    };
    if (signal.aborted) give();
    else signal.addEventListener("abort", give, { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([call, abandoned]);
  } finally {
    settled.abort();
  }
}

function factsOf({ run, facts }: HookHost, { hook, on, collection, values }: HookRequest, attempt: number): HookFacts {
  const { name, scope } = hook;
  const where = collection === undefined ? {} : { collection };
  return { version: 1, hook: name, scope, on, attempt, runId: run.runId, ...facts, ...where, values };
}
