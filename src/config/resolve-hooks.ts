import type { Hook, HookCall, HookCallConfig, HookConfig } from "../core/contracts/hooks.ts";
import { findDurationMs } from "../core/duration.ts";
import { resolvePath, resolvePaths } from "./paths.ts";

const TIMEOUT = "5m";
const RETRY_DELAY = "1s";

/** What was checked, with its defaults; command, shell and http are short for plugins. */
export function resolveHooks(hooks: readonly HookConfig[], directory: string): readonly Hook[] {
  return hooks.map((hook, index) => resolveHook(hook, { directory, place: index + 1 }));
}

/** The calls that a hook makes, each with where it stands in it. */
export function callsOf(
  hook: HookConfig,
): readonly { readonly on: "before" | "after" | "finally"; readonly call: HookCallConfig; readonly path: string[] }[] {
  const { on, around, before, after } = hook;
  if (around === undefined) return on === undefined ? [] : [{ on, call: hook, path: [] }];
  if (before === undefined && after === undefined) {
    return (["before", "after"] as const).map((moment) => ({ on: moment, call: hook, path: [] }));
  }
  return [
    ...(before === undefined ? [] : [{ on: "before" as const, call: before, path: ["before"] }]),
    ...(after === undefined ? [] : [{ on: "after" as const, call: after, path: ["after"] }]),
  ];
}

/** A call as the plugin that carries it out, or undefined where nothing is called; `key` is where its options stand. */
export function toPluginCall(call: HookCallConfig): (HookCall & { readonly key?: string }) | undefined {
  const { command, shell, http, use, options = {}, cwd, env } = call;
  const place = { ...(cwd !== undefined && { cwd }), ...(env !== undefined && { env }) };
  if (command !== undefined) return { use: "command", options: { argv: command, ...place } };
  if (shell !== undefined) return { use: "command", options: { shell, ...place } };
  if (http !== undefined) return { use: "http", options: http, key: "http" };
  return use === undefined ? undefined : { use, options, key: "options" };
}

interface Place {
  readonly directory: string;
  /** In the list, from 1. */
  readonly place: number;
}

function resolveHook(hook: HookConfig, { directory, place }: Place): Hook {
  const { on, around, scope = around ?? "run", timeout = TIMEOUT, retryDelay = RETRY_DELAY } = hook;
  const calls = callsOf(hook).flatMap(({ on: moment, call }) => {
    const resolved = resolveCall(call, directory);
    return resolved === undefined ? [] : [[moment, resolved] as const];
  });
  return {
    name: hook.name ?? `${on ?? "around"}-${scope}-${place}`,
    scope,
    ...Object.fromEntries(calls),
    when: hook.when,
    states: hook.states,
    timeoutMs: checked(findDurationMs(timeout)),
    retries: hook.retries ?? 0,
    retryDelayMs: checked(findDurationMs(retryDelay)),
    onError: hook.onError ?? "fail",
  };
}

/** The paths of a command are its own affair, but for where it runs. */
function resolveCall(call: HookCallConfig, directory: string): HookCall | undefined {
  const resolved = toPluginCall(call);
  if (resolved === undefined) return undefined;
  const { use, options } = resolved;
  if (use !== "command" || call.use !== undefined) return { use, options: resolvePaths(options, directory) };
  return { use, options: { ...options, cwd: resolvePath(directory, call.cwd ?? ".") } };
}

function checked(ms: number | undefined): number {
  if (ms === undefined) throw new Error("A duration was not checked");
  return ms;
}
