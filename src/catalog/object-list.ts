import { createGunzip } from "node:zlib";
import { pipeline } from "node:stream";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { keyInBackup, objectsListKey } from "../format/keys.ts";
import { readObjectLines } from "../format/objects-list.ts";
import type { ObjectEntry } from "../format/objects-list.ts";

export interface ObjectListQuery extends Call {
  readonly backup: string;
  readonly collectionId: bigint;
}

/** What was recorded of a collection's objects when they were copied; backups of the Go tool have no such list. */
export async function* readObjectList(storage: Storage, query: ObjectListQuery): AsyncGenerator<ObjectEntry> {
  const { backup, collectionId, ...call } = query;
  const key = keyInBackup(backup, objectsListKey(collectionId));
  const { body } = await storage.read(key, call).catch((error: unknown) => {
    throw isStorageError(error, "missing") ? damagedList(key, error) : error;
  });
  const unpacked = createGunzip();
  const packed = pipeline(body, unpacked, () => {}); // its error is thrown where the lines are read
  try {
    yield* readObjectLines(packed, key);
  } catch (error) {
    throw isZlibError(error) ? damagedList(key, error) : error;
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

function damagedList(key: string, cause: unknown): BackupError {
  return new BackupError("damaged", `Cannot read the list of objects ${key}`, { cause });
}
