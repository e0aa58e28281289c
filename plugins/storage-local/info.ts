import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import type { ObjectInfo } from "../../src/plugin.ts";
import { hasCode } from "./errors.ts";

/** Every version of an object is another file, so inode, time and size tell versions apart. */
export function infoOf(key: string, { ino, mtimeNs, size }: BigIntStats): ObjectInfo {
  const etag = [ino, mtimeNs, size].map((part) => part.toString(16)).join("-");
  return { key, bytes: Number(size), etag, modifiedAt: new Date(Number(mtimeNs / 1_000_000n)) };
}

/** Undefined when there is no such file; a directory is none. */
export async function findInfo(path: string, key: string): Promise<ObjectInfo | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    return stats.isFile() ? infoOf(key, stats) : undefined;
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ENAMETOOLONG")) return undefined;
    throw error;
  }
}
