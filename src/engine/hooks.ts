import type { CollectionName } from "../core/collection-name.ts";
import type { HookOutcome } from "../core/contracts/hook-plugin.ts";
import type { Hook, HookMoment, HookScope } from "../core/contracts/hooks.ts";
import { BackupError } from "../core/errors.ts";
import type { FinishedHook } from "../core/events.ts";
import { afterHooks, beforeHooks, finallyHooks, isForState } from "../core/hook-order.ts";
import type { BegunHook } from "../core/hook-order.ts";
import { isPair } from "../core/hook-plan.ts";
import { outcomeOfError, worsenOutcome } from "../core/hook-report.ts";
import { runHook } from "./run-hook.ts";
import type { HookHost } from "./run-hook.ts";

/** The hooks at one place of a run, with the values that earlier ones gave. */
export interface HookFrame {
  /** Undefined where there are no hooks. */
  readonly host: HookHost | undefined;
  readonly values: Readonly<Record<string, string>>;
}

/** Of runs that no policy asks for. */
export const NO_HOOKS: HookFrame = { host: undefined, values: {} };

export interface HookPlace<T> {
  readonly scope: HookScope;
  readonly collection?: CollectionName | undefined;
  /** What hooks are told of work that came to its end. */
  outcomeOf(result: T): HookOutcome;
}

/**
 * Does the work between the hooks of a scope. A before that fails or skips keeps the work from being done, which is an
 * error "failed" or "skipped"; whatever happens then, the afters and finallys run. What these do is in run.hooks only.
 */
export async function withHooks<T>(
  frame: HookFrame,
  place: HookPlace<T>,
  work: (inner: HookFrame) => Promise<T>,
): Promise<T> {
  const { host } = frame;
  if (host === undefined || !host.hooks.some(({ scope }) => scope === place.scope)) return await work(frame);
  const { scope, collection } = place;
  const stage: Stage = { host, scope, collection, values: { ...frame.values }, begun: [], finished: [] };
  const betweenHooks = async (): Promise<T> => {
    for (const hook of beforeHooks(host.hooks, scope)) await begin(stage, hook);
    return await work({ host, values: stage.values });
  };
  const [ended] = await Promise.allSettled([betweenHooks()]);
  await end(stage, ended.status === "fulfilled" ? place.outcomeOf(ended.value) : failureOf(host, ended.reason));
  if (ended.status === "fulfilled") return ended.value;
  throw ended.reason;
}

interface Stage {
  readonly host: HookHost;
  readonly scope: HookScope;
  readonly collection: CollectionName | undefined;
  /** What hooks gave, added to as they end. */
  readonly values: Record<string, string>;
  readonly begun: BegunHook[];
  readonly finished: FinishedHook[];
}

async function begin(stage: Stage, hook: Hook): Promise<void> {
  const { signal } = stage.host.run;
  signal.throwIfAborted();
  const { state, error } = await call(stage, { hook, on: "before" });
  stage.begun.push({ hook, state });
  signal.throwIfAborted();
  const isSoft = state === "skipped" || (state === "failed" && hook.onError === "skip");
  if (isSoft) throw new BackupError("skipped", `Left out, as the hook ${hook.name} asks`);
  if (state === "failed" && hook.onError === "fail") {
    throw new BackupError("failed", error?.message ?? `The hook ${hook.name} failed`, { hint: error?.hint });
  }
}

async function end(stage: Stage, outcome: HookOutcome): Promise<void> {
  const { host, scope, begun } = stage;
  for (const hook of afterHooks(host.hooks, scope, begun)) {
    const before = isPair(hook) ? begun.find((one) => one.hook === hook)?.state : undefined;
    const told = now(stage, outcome);
    if (isForState(hook, told.state)) await call(stage, { hook, on: "after", outcome: { ...told, before } });
  }
  for (const hook of finallyHooks(host.hooks, scope)) {
    const told = now(stage, outcome);
    if (isForState(hook, told.state)) await call(stage, { hook, on: "finally", outcome: told });
  }
}

/** The afters of one collection say nothing of another; those of the other scopes count for all around them. */
function now({ host, scope, finished }: Stage, outcome: HookOutcome): HookOutcome {
  return worsenOutcome(outcome, scope === "collection" ? finished : host.run.hooks);
}

function failureOf({ run }: HookHost, error: unknown): HookOutcome {
  return outcomeOfError(run.signal.aborted ? run.signal.reason : error);
}

interface Call {
  readonly hook: Hook;
  readonly on: HookMoment;
  readonly outcome?: HookOutcome;
}

async function call({ host, collection, values, finished }: Stage, request: Call): Promise<FinishedHook> {
  const result = await runHook(host, { ...request, collection, values: { ...values } });
  Object.assign(values, result.values);
  finished.push(result.finished);
  host.run.record({ type: "hook.finished", ...result.finished });
  return result.finished;
}
