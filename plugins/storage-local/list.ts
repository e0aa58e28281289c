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
    } else if (!options.startAfter?.startsWith(entry.key) || (await holdsObjects(directory, entry.key, isAsked))) {
      yield { kind: "prefix", prefix: entry.key };
    }
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
  const levels = [(await entriesOf(directory, prefix.slice(0, prefix.lastIndexOf("/") + 1))).values()];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const { value: entry, done } = level.next();
    if (done) levels.pop();
    else if (!isAsked(entry)) continue;
    else if (entry.isDirectory && descends) levels.push((await entriesOf(directory, entry.key)).values());
    else yield entry;
  }
}

/** Whether something in it is still to be listed. */
async function holdsObjects(directory: Directory, base: string, isAsked: WalkOptions["isAsked"]): Promise<boolean> {
  const entries = (await entriesOf(directory, base)).filter(isAsked);
  if (entries.some(({ isDirectory }) => !isDirectory)) return true;
  for (const { key } of entries) if (await holdsObjects(directory, key, isAsked)) return true;
  return false;
}

async function entriesOf(directory: Directory, base: string): Promise<readonly Entry[]> {
  if (base.startsWith(`${SCRATCH}/`)) return [];
  const entries: Entry[] = [];
  for (const dirent of await direntsOf(join(directory.root, base))) {
    if (base === "" && dirent.name === SCRATCH) continue;
    if (dirent.name.includes("\uFFFD")) throw notUtf8(base + dirent.name);
    const entry = dirent.isSymbolicLink() ? await linkedEntry(directory, base + dirent.name) : entryOf(base, dirent);
    if (entry !== undefined) entries.push(entry);
  }
  return entries.toSorted((a, b) => compareUtf8(a.key, b.key));
}

async function direntsOf(path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ENAMETOOLONG")) return []; // never there, or deleted since its parent was read
    throw error;
  }
}

/** Undefined for a socket or a device, which is no object. */
function entryOf(base: string, dirent: Dirent): Entry | undefined {
  const key = base + dirent.name;
  if (dirent.isFile()) return { key, isDirectory: false };
  return dirent.isDirectory() ? { key: `${key}/`, isDirectory: true } : undefined;
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

function notUtf8(key: string): StorageError {
  return new StorageError("unsupported", `Cannot list "${key}": a name in this directory is not UTF-8`, { key });
}
