/** Hooks that are functions of a test, without a config. */
import type { HookAnswer, HookContext, HookOutcome } from "../../src/core/contracts/hook-plugin.ts";
import type { Hook, HookMoment } from "../../src/core/contracts/hooks.ts";
import type { HookFrame } from "../../src/engine/hooks.ts";
import type { HookHost } from "../../src/engine/run-hook.ts";
import type { Run } from "../../src/engine/run.ts";

/** Where and when a hook is called: "before run a". */
export type Told = string;

export type HookActs = (
  told: Told,
  context: Omit<HookContext<unknown>, "options">,
  outcome: HookOutcome | undefined,
) => Promise<HookAnswer | void> | HookAnswer | void;

type Moments = Partial<Record<HookMoment, true>>;

/** A hook of the name with these moments; it repeats nothing and takes as long as it likes unless told otherwise. */
export function hookOf(
  name: string,
  { before, after, finally: last, ...given }: Moments & Partial<Omit<Hook, HookMoment | "name">>,
): Hook {
  const call = { use: "test", options: {} };
  return {
    name,
    scope: "run",
    timeoutMs: 60_000,
    retries: 0,
    retryDelayMs: 1,
    onError: "fail",
    ...(before && { before: call }),
    ...(after && { after: call }),
    ...(last && { finally: call }),
    ...given,
  };
}

/** The host of these hooks; what they do is one function, called with where and when. */
export function hostOf(
  run: Run,
  { hooks, act = () => {}, mask = (text) => text }: { hooks: readonly Hook[]; act?: HookActs; mask?: HookHost["mask"] },
): HookHost {
  return {
    hooks,
    run,
    facts: { action: "backup", policy: "nightly", backup: "b1", source: "prod", target: "nas" },
    directory: "/config",
    env: {},
    mask,
    call: async (_, context, outcome) => {
      const { on, scope, hook } = context.facts;
      return await act(`${on} ${scope} ${hook}`, context, outcome);
    },
  };
}

export function frameOf(host: HookHost): HookFrame {
  return { host, values: {} };
}
