import type { PruneBackupsOptions } from "../core/contracts/library.ts";
import type { PruneDecision } from "../core/prune-plan.ts";
import type { RunReport } from "../core/report.ts";
import type { RunCaller } from "./caller.ts";
import { decideAll, pruneGroup, refuseAny } from "./prune-policies.ts";
import { loadWorkspace } from "./workspace.ts";

/** What retention says in one target of the policy, and the run that did what it says. */
export interface PrunedTarget extends PruneDecision {
  /** Absent where nothing was to go, and of a dry run. */
  readonly report?: RunReport | undefined;
}

/** Deletes in each target of a policy what its retention does not keep, or says only what would go. */
export async function pruneBackups(options: PruneBackupsOptions, caller: RunCaller): Promise<readonly PrunedTarget[]> {
  const { policy, maxDelete, dryRun = false, config: path, environment } = options;
  const config = await loadWorkspace(caller, { config: path, environment });
  const groups = await decideAll(config, [policy], caller);
  if (!dryRun) refuseAny(groups, maxDelete);
  const pruned: PrunedTarget[] = [];
  for (const group of groups) {
    caller.signal.throwIfAborted();
    const { backups: _backups, ...decision } = group.decided;
    const report = dryRun ? undefined : await pruneGroup(config, group, caller);
    pruned.push({ ...decision, ...(report && { report }) });
  }
  return pruned;
}
