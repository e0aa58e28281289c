import { callHook } from "../config/call-hook.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { Hook } from "../core/contracts/hooks.ts";
import { hooksFor } from "../core/hook-plan.ts";
import { NO_HOOKS } from "../engine/hooks.ts";
import type { HookFrame } from "../engine/hooks.ts";
import type { HookHost } from "../engine/run-hook.ts";
import type { Caller } from "./caller.ts";

export interface HookedRun extends Pick<HookHost, "run" | "facts">, Pick<Caller, "env"> {
  readonly hooks: readonly Hook[];
}

/** Where the hooks of a run begin: the plugins are the config's, and its secrets are masked in what hooks print. */
export function openHookFrame(config: LoadedConfig, { hooks, run, facts, env }: HookedRun): HookFrame {
  const wanted = hooksFor(hooks, facts.action);
  if (wanted.length === 0) return NO_HOOKS;
  const { directory, secrets } = config;
  const host: HookHost = {
    hooks: wanted,
    run,
    facts,
    directory,
    env,
    mask: secrets.mask,
    call: (call, context, outcome) => callHook(config, call, { context, outcome }),
  };
  return { host, values: {} };
}
