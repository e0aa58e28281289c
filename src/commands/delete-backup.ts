import type { DeleteBackupOptions } from "../core/contracts/library.ts";
import { planDelete } from "../core/delete-plan.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { checkBackupName } from "../format/backup-name.ts";
import type { RunCaller } from "./caller.ts";
import { execute } from "./execute.ts";
import { findOnlyTarget } from "./find-target.ts";
import { openTarget } from "./open-places.ts";
import { recordIn } from "./record-run.ts";
import { loadWorkspace } from "./workspace.ts";

/** Deletes one backup, or plans it only. */
export async function deleteBackup(options: DeleteBackupOptions, caller: RunCaller): Promise<Plan | RunReport> {
  checkBackupName(options.backup);
  const config = await loadWorkspace(caller, options);
  const { settings, entry } = await findOnlyTarget(config, options.backup, { choices: options, caller });
  await using target = await openTarget(config, settings, caller);
  const plan = planDelete(entry, target.name);
  if (options.dryRun) return plan;
  const { runDelete } = await import("../engine/delete.ts");
  const what = { policy: entry.policy, source: entry.source, backup: options.backup };
  const history = await recordIn(config, { action: "delete", ...what, targets: [settings] }, caller);
  return await execute(config, { action: "delete", caller, history }, (run) => runDelete(plan, run, target));
}
