import { lstat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { isStorageError, throwIfAborted } from "../../src/plugin.ts";
import type { Call, DeleteResult, StorageError } from "../../src/plugin.ts";
import type { Directory } from "./directory.ts";
import { pathOf, removeIfEmpty } from "./directory.ts";
import { hasCode, toStorageError } from "./errors.ts";
import { syncFolder } from "./temporary.ts";

/** Deletes files, and the directories that they leave empty. */
export async function deleteObjects(directory: Directory, keys: readonly string[], call?: Call): Promise<DeleteResult> {
  const deleted: string[] = [];
  const failed: { key: string; error: StorageError }[] = [];
  const changed = new Set<string>();
  for (const key of keys) {
    throwIfAborted(key, call?.signal);
    try {
      const path = pathOf(directory, key);
      await removeFile(path);
      changed.add(await removeEmptyFolders(directory, dirname(path)));
      deleted.push(key);
    } catch (cause) {
      const error = toStorageError(cause, "delete", key);
      if (!isStorageError(error)) throw error;
      failed.push({ key, error });
    }
  }
  if (directory.isDurable) for (const folder of changed) await syncFolder(folder);
  return { deleted, failed, retained: [] };
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR", "ENAMETOOLONG")) return; // no such object
    if (hasCode(error, "EPERM", "ENOTEMPTY") && (await lstat(path)).isDirectory()) return; // EISDIR on macOS, on Deno
    throw error;
  }
}

/** The nearest folder that stays. */
async function removeEmptyFolders({ root }: Directory, folder: string): Promise<string> {
  let path = folder;
  while (path.length > root.length && (await removeIfEmpty(path))) path = dirname(path);
  return path;
}
