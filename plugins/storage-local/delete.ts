import { lstat, unlink } from "node:fs/promises";
import { dirname, sep } from "node:path";
import { isStorageError, throwIfAborted } from "../../src/plugin.ts";
import type { Call, DeleteResult, StorageError } from "../../src/plugin.ts";
import type { Directory } from "./directory.ts";
import { pathOf, removeIfEmpty } from "./directory.ts";
import { hasCode, toStorageError } from "./errors.ts";
import { syncFolder } from "./temporary.ts";

const AT_ONCE = 16;

/** Deletes files, and the directories that they leave empty. */
export async function deleteObjects(directory: Directory, keys: readonly string[], call?: Call): Promise<DeleteResult> {
  const errors = new Map<string, StorageError>();
  await forEach(keys, async (key) => {
    throwIfAborted(key, call?.signal);
    const error = await removeFile(directory, key);
    if (error !== undefined) errors.set(key, error);
  });
  const deleted = keys.filter((key) => !errors.has(key));
  const folders = deleted.map((key) => dirname(pathOf(directory, key)));
  const kept = await removeEmptyFolders(directory, new Set(folders));
  if (directory.isDurable) await forEach(kept, syncFolder);
  return { deleted, failed: [...errors].map(([key, error]) => ({ key, error })), retained: [] };
}

async function forEach(items: Iterable<string>, call: (item: string) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = rest.next(); !next.done; next = rest.next()) await call(next.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Undefined when the file is gone, or was never there. */
async function removeFile(directory: Directory, key: string): Promise<StorageError | undefined> {
  try {
    await unlinkFile(pathOf(directory, key));
    return undefined;
  } catch (cause) {
    const error = toStorageError(cause, { action: "delete", key, root: directory.root });
    if (isStorageError(error)) return error;
    throw error;
  }
}

async function unlinkFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR", "ENAMETOOLONG")) return; // no such object
    if (hasCode(error, "EPERM", "ENOTEMPTY") && (await lstat(path)).isDirectory()) return; // EISDIR on macOS, on Deno
    throw error;
  }
}

/** The deepest first, so that each is tried once. Gives the folders that stay. */
async function removeEmptyFolders({ root }: Directory, folders: Iterable<string>): Promise<readonly string[]> {
  const levels: Set<string>[] = [];
  const add = (folder: string): unknown => (levels[folder.split(sep).length] ??= new Set()).add(folder);
  const kept: string[] = [];
  for (const folder of folders) add(folder);
  for (let depth = levels.length - 1; depth > 0; depth--) {
    await forEach(levels[depth] ?? [], async (folder) => {
      if (folder.length > root.length && (await removeIfEmpty(folder))) add(dirname(folder));
      else kept.push(folder);
    });
  }
  return kept;
}
