import type { LoadedConfig } from "../config/load-config.ts";
import { planPrune, refuseTooMany } from "../core/prune-plan.ts";
import type { RunReport } from "../core/report.ts";
import { decidePrune } from "../engine/decide-prune.ts";
import type { DecidedPrune } from "../engine/decide-prune.ts";
import type { Caller, RunCaller } from "./caller.ts";
import { execute } from "./execute.ts";
import { recordIn } from "./record-run.ts";
import { pruneGroups } from "./prune-groups.ts";
import type { PlacedGroup } from "./prune-groups.ts";

/** A group, and what retention says of it. */
export interface DecidedGroup {
  readonly group: PlacedGroup;
  readonly decided: DecidedPrune;
}

/** Decides for every target of these policies that has retention; changes nothing. */
export async function decideAll(
  config: LoadedConfig,
  policies: readonly string[],
  caller: Caller,
): Promise<readonly DecidedGroup[]> {
  const decisions: DecidedGroup[] = [];
  for (const group of policies.flatMap((name) => pruneGroups(config, name, caller))) {
    decisions.push({ group, decided: await decidePrune(group, caller) });
  }
  return decisions;
}

/** BackupError "refused" when of any group more would go than may: then nothing goes of the others either. */
export function refuseAny(groups: readonly DecidedGroup[], maxDelete: number | undefined): void {
  for (const { decided } of groups) refuseTooMany(decided, maxDelete);
}

/** Deletes what was decided of one group; undefined when that is nothing. */
export async function pruneGroup(
  config: LoadedConfig,
  { group, decided }: DecidedGroup,
  caller: RunCaller,
): Promise<RunReport | undefined> {
  const plan = planPrune(decided);
  if (plan === undefined) return undefined;
  const { runPrune } = await import("../engine/prune.ts");
  const { policy, source } = group;
  const what = { action: "prune", policy, source, backup: "" } as const;
  const history = await recordIn(config, { ...what, targets: [group.settings] }, caller);
  return await execute(config, { action: "prune", caller, history }, async (run) => {
    await using target = await group.target.open();
    return await runPrune(plan, run, { target, decided });
  });
}
