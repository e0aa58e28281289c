import type { HookAnswer, HookContext, HookOutcome } from "../core/contracts/hook-plugin.ts";
import type { HookCall } from "../core/contracts/hooks.ts";
import { BackupError } from "../core/errors.ts";
import type { LoadedConfig } from "./load-config.ts";
import { revealOptions } from "./reveal-options.ts";

export interface HookCalling {
  readonly context: Omit<HookContext<unknown>, "options">;
  /** Of an after or finally. */
  readonly outcome?: HookOutcome | undefined;
}

/** Calls the plugin of a hook, with its secrets revealed; it is imported only now. What it throws comes through. */
export async function callHook(
  { hookPlugins, secrets }: Pick<LoadedConfig, "hookPlugins" | "secrets">,
  { use, options }: HookCall,
  { context, outcome }: HookCalling,
): Promise<HookAnswer | void> {
  const plugin = Object.hasOwn(hookPlugins, use) ? await hookPlugins[use]?.() : undefined;
  if (plugin === undefined) throw new BackupError("invalid", `there is no hook plugin ${use}`);
  const { signal, facts } = context;
  const failure = `cannot use the plugin ${use}`;
  const revealed = await revealOptions(secrets, plugin.options, {
    options,
    path: ["hooks", facts.hook],
    failure,
    signal,
  });
  const given = { ...context, options: revealed };
  return outcome === undefined ? await plugin.before?.(given) : await plugin.after?.(given, outcome);
}
