import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { keyInBackup, META_KEYS } from "../format/keys.ts";
import type { OpenFile } from "../format/meta-files.ts";

/** Opens the files of a backup by their keys in it. */
export function fileOpener(storage: Storage, backup: string, call: Call = {}): OpenFile {
  return async (key) => {
    try {
      return (await storage.read(keyInBackup(backup, key), call)).body;
    } catch (error) {
      if (isStorageError(error, "missing")) return undefined;
      throw error;
    }
  };
}

/** The files of a backup's meta directory, by their keys in the backup. */
export async function listMeta(storage: Storage, backup: string, call: Call = {}): Promise<ReadonlySet<string>> {
  const root = keyInBackup(backup, "");
  const keys = new Set<string>();
  for await (const entry of storage.list(`${root}meta/`, { ...call, delimiter: "/" })) {
    if (entry.kind === "object") keys.add(entry.key.slice(root.length));
  }
  return keys;
}

/** Ours counts once both are there: they are written last. */
export async function isCommitted(storage: Storage, backup: string, call: Call = {}): Promise<boolean> {
  const last = [META_KEYS.full, META_KEYS.backup].map((key) => storage.stat(keyInBackup(backup, key), call));
  return (await Promise.all(last)).every((info) => info !== undefined);
}

/** The Go tool's own rule: full_meta.json, or all four level files. */
export function isGoBackup(keys: ReadonlySet<string>): boolean {
  const levels = [META_KEYS.backup, META_KEYS.collection, META_KEYS.partition, META_KEYS.segment];
  return keys.has(META_KEYS.full) || levels.every((key) => keys.has(key));
}
