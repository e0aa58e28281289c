import type { Hook, HookAction, HookMoment, HookScope } from "./contracts/hooks.ts";

/** A hook as a plan shows it. */
export interface PlannedHook {
  readonly name: string;
  readonly scope: HookScope;
  readonly on: HookMoment;
  /** The plugin. */
  readonly use: string;
  readonly why: string;
}

const MOMENTS = ["before", "after", "finally"] as const;

/** The hooks of an action in the order in which the policy lists them, each moment of a pair for itself. */
export function planHooks(hooks: readonly Hook[], action: HookAction): readonly PlannedHook[] {
  return hooksFor(hooks, action).flatMap((hook) =>
    MOMENTS.flatMap((on) => {
      const use = hook[on]?.use;
      return use === undefined ? [] : [{ name: hook.name, scope: hook.scope, on, use, why: whyOf(hook, on) }];
    }),
  );
}

/** The hooks whose `when` has the action. */
export function hooksFor(hooks: readonly Hook[], action: HookAction): readonly Hook[] {
  return hooks.filter(({ when }) => when === undefined || when.includes(action));
}

/** A pair's after belongs to its before. */
export function isPair({ before, after }: Hook): boolean {
  return before !== undefined && after !== undefined;
}

function whyOf(hook: Hook, on: HookMoment): string {
  return `${WHAT[hook.scope]}; ${on === "before" ? BEFORE[hook.onError] : afterwards(hook, on)}`;
}

const WHAT: Readonly<Record<HookScope, string>> = {
  run: "around the whole run",
  source: "around the connection to the source",
  target: "around the target",
  action: "around the backup",
  collection: "around each collection",
};

const BEFORE: Readonly<Record<Hook["onError"], string>> = {
  fail: "when it fails, what follows is not done",
  warn: "when it fails, that is a warning",
  skip: "when it fails, what follows is left out",
};

function afterwards(hook: Hook, on: HookMoment): string {
  const states = hook.states === undefined ? "however that ends" : `when that ends ${hook.states.join(" or ")}`;
  if (on === "finally") return `${states}; it cannot change the result`;
  const runs = isPair(hook) ? "if its before was begun" : states;
  return `${runs}; when it fails, ${hook.onError === "fail" ? "the run has failed" : "that is a warning"}`;
}
