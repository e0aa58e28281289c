import { createHash } from "node:crypto";
import { link, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StorageError } from "../../src/plugin.ts";
import type { WriteOptions } from "../../src/plugin.ts";
import type { Directory } from "./directory.ts";
import { pathOf } from "./directory.ts";
import { hasCode } from "./errors.ts";
import { findInfo } from "./info.ts";
import { inFolder, syncFolder } from "./temporary.ts";

/** Gives a finished file the name it was written for, in one step; with a condition, only if that holds. */
export async function placeFile(
  directory: Directory,
  { temporary, key }: { temporary: string; key: string },
  { ifAbsent, ifMatch }: WriteOptions = {},
): Promise<void> {
  const path = pathOf(directory, key);
  const folder = dirname(path);
  await inFolder(folder, directory.isDurable, () => {
    if (ifAbsent) return linkOnce(temporary, { path, key });
    if (ifMatch !== undefined) return replace(directory, { temporary, path, key, etag: ifMatch });
    return rename(temporary, path);
  });
  if (directory.isDurable) await syncFolder(folder);
}

/** A link, unlike a rename, fails when the name is taken. */
async function linkOnce(temporary: string, { path, key }: { path: string; key: string }): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    const isDirectory = (await stat(path)).isDirectory();
    if (isDirectory) throw new StorageError("conflict", `Cannot write "${key}": it is a directory`, { key });
    throw new StorageError("precondition", `Cannot write "${key}": it is there already`, { key });
  }
}

interface Replacement {
  readonly temporary: string;
  readonly path: string;
  readonly key: string;
  readonly etag: string;
}

/**
 * Of several writers, in whatever process, the one that makes the marker may replace this version. Who comes after the
 * marker is gone finds another version.
 */
async function replace(directory: Directory, { temporary, path, key, etag }: Replacement): Promise<void> {
  const isCurrent = async (): Promise<boolean> => (await findInfo(path, key))?.etag === etag;
  const other = (): StorageError =>
    new StorageError("precondition", `Cannot write "${key}": it is not the version to be replaced`, { key });
  if (!(await isCurrent())) throw other();
  const marker = join(directory.scratch, createHash("sha256").update(`${etag}/${key}`).digest("hex"));
  try {
    await (await open(marker, "wx")).close();
  } catch (error) {
    throw hasCode(error, "EEXIST") ? other() : error;
  }
  try {
    if (!(await isCurrent())) throw other();
    await rename(temporary, path);
  } finally {
    await rm(marker);
  }
}
