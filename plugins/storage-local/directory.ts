import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { StorageError } from "../../src/plugin.ts";
import { hasCode, isRefusedByDeno } from "./errors.ts";
import type { HashPool } from "./hash-pool.ts";

/** Where objects are written before they get their name; never listed. */
export const SCRATCH = ".milvus-backup-tmp";

export interface Directory {
  readonly root: string;
  readonly scratch: string;
  /** Whether a write waits for the disk. */
  readonly isDurable: boolean;
  readonly hashes: HashPool;
}

export function pathOf({ root }: Directory, key: string): string {
  if (key === SCRATCH || key.startsWith(`${SCRATCH}/`)) {
    throw new StorageError("unsupported", `Cannot use "${key}": ${SCRATCH} is where local storage writes first`, {
      key,
    });
  }
  return join(root, key);
}

/** Removes the directory if there is nothing in it. False means that it stays. */
export async function removeIfEmpty(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return true;
    // in use, or not ours to remove: an empty directory does no harm, no list shows it
    if (hasCode(error, "ENOTEMPTY", "EEXIST", "ENOTDIR", "EBUSY", "EACCES", "EPERM", "EROFS")) return false;
    if (isRefusedByDeno(error)) return false;
    throw error;
  }
}
