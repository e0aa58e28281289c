import { findBackup } from "../catalog/open-backup.ts";
import type { BackupEntry } from "../catalog/entry.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/config.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import { openTarget } from "./open-places.ts";
import { chooseTargets } from "./workspace.ts";
import type { Choosing } from "./workspace.ts";

export interface FoundBackup {
  readonly settings: StorageSettings;
  readonly entry: BackupEntry;
}

/** Where the backup with this name is: in the target that is chosen, or the one of all policies that has it. */
export async function findTarget(config: LoadedConfig, name: string, choosing: Choosing): Promise<FoundBackup> {
  const found: FoundBackup[] = [];
  const missing: BackupError[] = [];
  for (const settings of chooseTargets(config, choosing)) {
    await using target = await openTarget(config, settings, choosing.caller);
    try {
      found.push({ settings, entry: await findBackup(target.storage, name, { signal: choosing.caller.signal }) });
    } catch (error) {
      if (!isBackupError(error) || error.code !== "not-found") throw error;
      missing.push(error);
    }
  }
  const [first, second] = found;
  if (first === undefined) throw missing[0] ?? new BackupError("not-found", `There is no backup ${name}`);
  if (second === undefined) return first;
  throw new BackupError("usage", `The backup ${name} is in ${found.length} targets`, {
    hint: `say --target with one of ${found.map(({ settings }) => settings.name).join(", ")}`,
  });
}
