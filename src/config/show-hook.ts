import type { Hook, HookCall, HookCallConfig, HookConfig } from "../core/contracts/hooks.ts";
import { formatExactDuration } from "../core/duration.ts";

/** A resolved hook as a policy would write it, with its defaults; `directory` is the config's. */
export function showHook(hook: Hook, directory: string): HookConfig {
  const { name, scope, before, after, finally: last, when, states, retries, onError } = hook;
  const show = (call: HookCall): HookCallConfig => showCall(call, directory);
  const single = before ?? after ?? last;
  const on = before ? "before" : after ? "after" : "finally";
  const alone = { on, scope, ...(single && show(single)) } as const;
  return {
    name,
    ...(before && after ? { around: scope, ...showPair(show(before), show(after)) } : alone),
    when,
    states,
    timeout: formatExactDuration(hook.timeoutMs),
    retries,
    retryDelay: formatExactDuration(hook.retryDelayMs),
    ...(last === undefined && { onError }), // a finally hook has none
  };
}

/** A plugin that has both is named once. */
function showPair(before: HookCallConfig, after: HookCallConfig): HookConfig {
  const isOne = before.use !== undefined && JSON.stringify(before) === JSON.stringify(after);
  return isOne ? before : { before, after };
}

/** command, shell and http are short for plugins: they are shown as they are written. */
function showCall({ use, options }: HookCall, directory: string): HookCallConfig {
  if (use === "http") return { http: options };
  if (use !== "command") return { use, options };
  const { argv, cwd, ...others } = options;
  return {
    ...(argv !== undefined && { command: argv }),
    ...(cwd !== directory && { cwd }),
    ...others,
  } as HookCallConfig; // what toPluginCall made of one
}
