import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { throwIfAborted } from "../../src/plugin.ts";
import type { Storage, StorageCapabilities } from "../../src/plugin.ts";
import { deleteObjects } from "./delete.ts";
import { pathOf, removeIfEmpty, SCRATCH } from "./directory.ts";
import type { Directory } from "./directory.ts";
import { guard, guardEach, hasCode } from "./errors.ts";
import { createHashPool } from "./hash-pool.ts";
import { findInfo } from "./info.ts";
import { listObjects } from "./list.ts";
import { hashObject, readObject } from "./read.ts";
import { removeAbandoned } from "./temporary.ts";
import { copyObject, linkObject, writeObject } from "./write.ts";

/** The file system types of Linux that have no hard links: FAT and exFAT. */
const WITHOUT_LINKS: ReadonlySet<number> = new Set([0x4d44, 0x2011bab0]);

export async function openLocal(root: string, isDurable: boolean): Promise<Storage> {
  const directory: Directory = { root, scratch: join(root, SCRATCH), isDurable, hashes: createHashPool() };
  let isFirstWrite = true;
  let mayHaveScratch = false; // else nothing is removed: the directory may be one that is only to be read
  const beforeWrite = async (): Promise<void> => {
    mayHaveScratch = true;
    if (!isFirstWrite) return;
    isFirstWrite = false;
    await removeAbandoned(directory, Date.now());
  };
  return {
    location: { type: "local", path: root, prefix: "" },
    capabilities: await guard({ action: "open", root }, () => capabilitiesOf(root)),
    stat: (key, call) =>
      guard({ action: "stat", key, root }, async () => {
        throwIfAborted(key, call?.signal);
        return findInfo(pathOf(directory, key), key);
      }),
    read: (key, options) => guard({ action: "read", key, root }, () => readObject(directory, key, options)),
    write: (key, body, options = {}) =>
      guard({ action: "write", key, root }, async () => {
        await beforeWrite();
        return writeObject(directory, { key, body, options });
      }),
    list: (prefix, options) =>
      guardEach({ action: "list", key: prefix, root }, listObjects(directory, prefix, options)),
    delete: (keys, call) => deleteObjects(directory, keys, call),
    canCopyFrom: (from) => from.type === "local",
    copyFrom: (from, copy, call) =>
      guard({ action: "copy", key: copy.sourceKey, root }, async () => {
        throwIfAborted(copy.sourceKey, call?.signal);
        mayHaveScratch = true;
        return copyObject(directory, from, copy);
      }),
    hash: (key, call) => guard({ action: "read", key, root }, () => hashObject(directory, key, call)),
    link: (sourceKey, key, call) =>
      guard({ action: "link", key: sourceKey, root }, async () => {
        throwIfAborted(sourceKey, call?.signal);
        mayHaveScratch = true;
        return linkObject(directory, sourceKey, key);
      }),
    [Symbol.asyncDispose]: async () => {
      await directory.hashes[Symbol.asyncDispose]();
      if (mayHaveScratch) await removeIfEmpty(directory.scratch);
    },
  };
}

async function capabilitiesOf(root: string): Promise<StorageCapabilities> {
  const hasLinks = !WITHOUT_LINKS.has(await fileSystemType(root));
  return {
    ifAbsent: hasLinks,
    ifMatch: true,
    serverCopy: true,
    link: hasLinks,
    checksums: ["sha256"],
    versioning: false,
    objectLock: false,
  };
}

/** Of the directory, or where it does not exist, of the nearest one above it. */
async function fileSystemType(path: string): Promise<number> {
  try {
    return (await statfs(path)).type;
  } catch (error) {
    if (!hasCode(error, "ENOENT") || path === dirname(path)) throw error;
    return fileSystemType(dirname(path));
  }
}
