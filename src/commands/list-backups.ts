import type { BackupEntry } from "../catalog/entry.ts";
import { listBackups as listTarget } from "../catalog/list-backups.ts";
import type { ListBackupsOptions } from "../core/contracts/library.ts";
import type { Caller } from "./caller.ts";
import { openTarget } from "./open-places.ts";
import { chooseTargets, loadWorkspace } from "./workspace.ts";

/** A backup, and the target that it is in. */
export interface ListedBackup extends BackupEntry {
  readonly target: string;
}

/** The backups of the target that is chosen, or of all that policies name; those of one target the newest first. */
export async function listBackups(choices: ListBackupsOptions, caller: Caller): Promise<readonly ListedBackup[]> {
  const config = await loadWorkspace(caller, choices);
  const entries: ListedBackup[] = [];
  for (const settings of chooseTargets(config, { choices, caller })) {
    await using target = await openTarget(config, settings, caller);
    const found = await listTarget(target.storage, { signal: caller.signal });
    entries.push(...found.map((entry) => ({ ...entry, target: target.name })));
  }
  return entries;
}
