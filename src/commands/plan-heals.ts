import { listDamaged } from "../catalog/damaged-backups.ts";
import { planHeals } from "../core/heal-plan.ts";
import type { FoundDamage, HealPlan } from "../core/heal-plan.ts";
import { toEventError } from "../core/event-error.ts";
import type { OpenTarget } from "../engine/places.ts";
import type { Caller } from "./caller.ts";
import type { OpenTargets } from "./open-targets.ts";
import type { BackupRequest } from "./take-backup.ts";

/** The steps that heal earlier backups of the policy in its targets. One that cannot be looked at now has its turn another time. */
export async function planDueHeals(
  { policy, source }: BackupRequest,
  { first, further }: OpenTargets,
  caller: Caller,
): Promise<HealPlan> {
  if (policy === undefined) return { steps: [], warnings: [] };
  const { signal } = caller;
  const found = [...(await damagedIn(first, signal))];
  for (const { open } of further) {
    try {
      await using target = await open();
      found.push(...(await damagedIn(target, signal)));
    } catch (error) {
      signal.throwIfAborted();
      if (toEventError(error).code === "bug") throw error;
    }
  }
  return planHeals(found, { policy: policy.name, source: source.source.name });
}

async function damagedIn({ name, storage }: OpenTarget, signal: AbortSignal): Promise<readonly FoundDamage[]> {
  const damaged = await listDamaged(storage, { signal });
  return damaged.map(({ entry, check }) => {
    const { name: backup, state, policy, source } = entry;
    return { backup, target: name, state, policy, source, check };
  });
}
