import type { BackupEntry } from "../catalog/entry.ts";
import { listBackups as listTarget } from "../catalog/list-backups.ts";
import type { ListBackupsOptions } from "../core/contracts/library.ts";
import { toEventError } from "../core/event-error.ts";
import type { Caller } from "./caller.ts";
import { openTarget, targetName } from "./open-places.ts";
import { chooseTargets, loadWorkspace } from "./workspace.ts";

/** A backup, and the target that it is in. */
export interface ListedBackup extends BackupEntry {
  readonly target: string;
}

export interface Listing {
  readonly backups: readonly ListedBackup[];
  /** Targets that could not be listed; never all of them. */
  readonly failures: readonly { readonly target: string; readonly error: unknown }[];
}

/** The backups of the target that is chosen, or of all that policies name; those of one target the newest first. */
export async function listBackups(choices: ListBackupsOptions, caller: Caller): Promise<readonly ListedBackup[]> {
  const { backups, failures } = await listTargets(choices, caller);
  const [failure] = failures;
  if (failure !== undefined) throw failure.error;
  return backups;
}

/** As listBackups, but one target that cannot be listed hides nothing of the others. */
export async function listTargets(choices: ListBackupsOptions, caller: Caller): Promise<Listing> {
  const config = await loadWorkspace(caller, choices);
  const targets = chooseTargets(config, { choices, caller });
  const backups: ListedBackup[] = [];
  const failures: Listing["failures"][number][] = [];
  for (const settings of targets) {
    try {
      await using target = await openTarget(config, settings, caller);
      const found = await listTarget(target.storage, { signal: caller.signal, now: caller.now });
      backups.push(...found.map((entry) => ({ ...entry, target: target.name })));
    } catch (error) {
      caller.signal.throwIfAborted();
      if (targets.length === 1 || toEventError(error).code === "bug") throw error;
      failures.push({ target: targetName(settings), error });
    }
  }
  const [failure] = failures;
  if (failure !== undefined && failures.length === targets.length) throw failure.error;
  return { backups, failures };
}
