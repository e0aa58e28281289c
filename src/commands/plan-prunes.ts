import { formatName } from "../core/collection-name.ts";
import { messageOf } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import type { Plan, PruneStep } from "../core/plan.ts";
import { formatDoomed } from "../core/prune-plan.ts";
import type { KeptBackup } from "../core/retention.ts";
import type { Catalogs } from "../engine/catalogs.ts";
import { decidePrune } from "../engine/decide-prune.ts";
import type { Deciding, PruneGroup } from "../engine/decide-prune.ts";
import type { Caller } from "./caller.ts";
import type { PlanOptions } from "./make-plan.ts";
import type { BackupRequest } from "./take-backup.ts";

/** A step for each target that has retention; for a look at the plan with what it would delete, and why. */
export async function planPrunes(
  { prunes = [], consistency }: BackupRequest,
  { plan, details, catalogs }: { readonly plan: Plan; readonly catalogs: Catalogs } & Pick<PlanOptions, "details">,
  caller: Caller,
): Promise<readonly PruneStep[]> {
  const expected: KeptBackup = {
    name: plan.backup,
    state: "complete",
    startedAt: caller.now().toISOString(),
    isMetaOnly: consistency === "meta-only",
    holds: heldBy(plan),
  };
  return await Promise.all(
    prunes.map(async (group) => ({
      kind: "prune" as const,
      id: `prune ${group.target.name}`,
      why:
        details === "needed"
          ? "what retention does not keep, once the backup is whole"
          : await whyOf(group, { ...caller, expected, catalogs }),
      target: group.target.name,
    })),
  );
}

async function whyOf(group: PruneGroup, deciding: Deciding): Promise<string> {
  try {
    return formatDoomed(await decidePrune(group, deciding));
  } catch (error) {
    deciding.signal.throwIfAborted();
    if (toEventError(error).code === "bug") throw error;
    return `what retention does not keep, which cannot be told now: ${messageOf(error)}`;
  }
}

function heldBy({ steps }: Plan): readonly string[] {
  return steps.flatMap((step) =>
    step.kind === "back-up-collection" && step.partitions === undefined ? [formatName(step.collection)] : [],
  );
}
