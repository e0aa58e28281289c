import { readdir, stat } from "node:fs/promises";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import { compareUtf8, StorageError, throwIfAborted } from "../../src/plugin.ts";
import type { ListEntry, ListOptions, ObjectInfo } from "../../src/plugin.ts";
import type { Directory } from "./directory.ts";
import { SCRATCH } from "./directory.ts";
import { hasCode } from "./errors.ts";
import { findInfo } from "./info.ts";

/** A file, or a directory, whose key ends in "/": that is what makes the order of names the order of keys. */
interface Entry {
  readonly key: string;
  readonly isDirectory: boolean;
}

/** Holds the names of one directory a level, never the tree. Links are followed. */
export async function* listObjects(
  directory: Directory,
  prefix: string,
  options: ListOptions = {},
): AsyncGenerator<ListEntry> {
  const isAsked = ({ key, isDirectory }: Entry): boolean => {
    if (!key.startsWith(prefix)) return false;
    const { startAfter } = options;
    if (startAfter === undefined || compareUtf8(key, startAfter) > 0) return true;
    return isDirectory && startAfter.startsWith(key);
  };
  const isFolded = options.delimiter !== undefined;
  for await (const entry of walk(directory, prefix, { isAsked, descends: !isFolded })) {
    throwIfAborted(prefix, options.signal);
    if (!entry.isDirectory) {
      const info = await infoOf(directory, entry);
      if (info !== undefined) yield { kind: "object", ...info };
    } else if (await holdsObjects(directory, entry.key, isAsked)) yield { kind: "prefix", prefix: entry.key };
  }
}

interface WalkOptions {
  readonly isAsked: (entry: Entry) => boolean;
  /** Whether directories are entered; else they are given. */
  readonly descends: boolean;
}

async function* walk(
  directory: Directory,
  prefix: string,
  { isAsked, descends }: WalkOptions,
): AsyncGenerator<Entry, void, undefined> {
  const levels = [await entriesOf(directory, prefix.slice(0, prefix.lastIndexOf("/") + 1))];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const { value: entry, done } = level.next();
    if (done) levels.pop();
    else if (!isAsked(entry)) continue;
    else if (entry.isDirectory && descends) levels.push(await entriesOf(directory, entry.key));
    else yield entry;
  }
}

async function holdsObjects(directory: Directory, prefix: string, isAsked: WalkOptions["isAsked"]): Promise<boolean> {
  for await (const entry of walk(directory, prefix, { isAsked, descends: true })) {
    if ((await infoOf(directory, entry)) !== undefined) return true;
  }
  return false;
}

async function entriesOf(directory: Directory, base: string): Promise<Iterator<Entry, undefined>> {
  if (base.startsWith(`${SCRATCH}/`)) return [].values();
  const entries: Entry[] = [];
  for (const dirent of await direntsOf(join(directory.root, base))) {
    if (base === "" && dirent.name === SCRATCH) continue;
    const entry = await entryOf(directory, base, dirent);
    if (entry !== undefined) entries.push(entry);
  }
  return entries.toSorted((a, b) => compareUtf8(a.key, b.key)).values();
}

async function direntsOf(path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ENAMETOOLONG")) return []; // never there, or deleted since its parent was read
    throw error;
  }
}

async function entryOf(directory: Directory, base: string, dirent: Dirent): Promise<Entry | undefined> {
  const key = base + dirent.name;
  if (dirent.name.includes("\uFFFD")) {
    throw new StorageError("unsupported", `Cannot list "${key}": a name in this directory is not UTF-8`, { key });
  }
  if (dirent.isFile()) return { key, isDirectory: false };
  if (dirent.isDirectory()) return { key: `${key}/`, isDirectory: true };
  if (!dirent.isSymbolicLink()) return undefined; // a socket or a device is no object
  return linkedEntry(directory, key);
}

async function linkedEntry({ root }: Directory, key: string): Promise<Entry | undefined> {
  try {
    const target = await stat(join(root, key));
    return target.isDirectory() ? { key: `${key}/`, isDirectory: true } : { key, isDirectory: false };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined; // it leads nowhere
    throw error;
  }
}

function infoOf({ root }: Directory, { key }: Entry): Promise<ObjectInfo | undefined> {
  return findInfo(join(root, key), key);
}
