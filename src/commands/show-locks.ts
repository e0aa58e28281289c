import { listTargetLocks } from "../catalog/target-locks.ts";
import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { toEventError } from "../core/event-error.ts";
import type { TargetLock } from "../core/unlock-plan.ts";
import type { Caller } from "./caller.ts";
import { openTarget, targetName } from "./open-places.ts";
import { newRunId } from "./start-run.ts";
import { policyTargets } from "./workspace.ts";

export interface LocksOutcome {
  readonly locks: readonly TargetLock[];
  readonly failures: readonly { readonly target: string; readonly error: unknown }[];
}

/** Who is in the targets of these policies; one that cannot be looked at hides nothing of the others. */
export async function showLocks(
  config: LoadedConfig,
  policies: readonly string[],
  caller: Caller,
): Promise<LocksOutcome> {
  const { now, signal } = caller;
  const runId = newRunId(now());
  const locks: TargetLock[] = [];
  const failures: LocksOutcome["failures"][number][] = [];
  const chosen = policies.map((name) => findPolicy(config, name));
  for (const settings of policyTargets(config, chosen)) {
    try {
      await using target = await openTarget(config, settings, caller);
      locks.push(...(await listTargetLocks(target.storage, { target: target.name, runId, now, signal })));
    } catch (error) {
      signal.throwIfAborted();
      if (toEventError(error).code === "bug") throw error;
      failures.push({ target: targetName(settings), error });
    }
  }
  return { locks, failures };
}
