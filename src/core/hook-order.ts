import type { Hook, HookOutcomeState, HookScope, HookState } from "./contracts/hooks.ts";
import { isPair } from "./hook-plan.ts";

/** A hook whose before has been begun, and how it ended. */
export interface BegunHook {
  readonly hook: Hook;
  readonly state: HookState;
}

export function beforeHooks(hooks: readonly Hook[], scope: HookScope): readonly Hook[] {
  return hooks.filter((hook) => hook.scope === scope && hook.before !== undefined);
}

/**
 * The afters of a scope in their order: first the pairs, the last one begun first, so that they undo as a stack; then the
 * others as they are listed. Whether a state is theirs is asked when their turn has come: an after that fails changes it.
 */
export function afterHooks(hooks: readonly Hook[], scope: HookScope, begun: readonly BegunHook[]): readonly Hook[] {
  const pairs = begun.filter(({ hook }) => isPair(hook)).map(({ hook }) => hook);
  const others = hooks.filter((hook) => hook.scope === scope && hook.after !== undefined && !isPair(hook));
  return [...pairs.toReversed(), ...others];
}

export function finallyHooks(hooks: readonly Hook[], scope: HookScope): readonly Hook[] {
  return hooks.filter((hook) => hook.scope === scope && hook.finally !== undefined);
}

export function isForState({ states }: Hook, state: HookOutcomeState): boolean {
  return states === undefined || states.includes(state);
}
