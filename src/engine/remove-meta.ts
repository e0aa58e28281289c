import { deleteKeys } from "../catalog/delete-backup.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { keyInBackup, META_KEYS } from "../format/keys.ts";

/** Of a backup that was stopped in its commit: the Go tool would take some of them for a backup. */
export async function removeMeta(storage: Storage, backup: string, call: Call): Promise<void> {
  for (const level of ["backup", "full", "collection", "partition", "segment"] as const) {
    await deleteKeys(storage, [keyInBackup(backup, META_KEYS[level])], call);
  }
}
