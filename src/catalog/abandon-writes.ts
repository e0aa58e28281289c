import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage, UnfinishedWrite } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";

export interface AbandonOptions extends Call {
  /** Told when something may be left that nobody finds any more. */
  readonly notice?: ((message: string) => void) | undefined;
  /** Asked before each goes; what it throws ends it there. */
  readonly guard?: (() => Promise<void>) | undefined;
}

/**
 * Takes back what killed runs have begun to write below a directory whose objects are gone, and no list shows. That
 * nobody can tell of such writes, or that this user may not take them back, is worth a notice and stops nothing.
 */
export async function abandonWrites(storage: Storage, directory: string, options: AbandonOptions): Promise<void> {
  const { notice, guard, signal } = options;
  const writes = await listWrites(storage, directory, options);
  try {
    for (const write of writes) {
      await guard?.();
      await storage.abandon?.(write, { signal });
    }
  } catch (error) {
    if (!isStorageError(error, "denied") && !isStorageError(error, "unsupported")) throw error;
    notice?.(`what was begun to be written into ${directory} and has not ended is left: ${messageOf(error)}`);
  }
}

async function listWrites(
  storage: Storage,
  directory: string,
  { notice, signal }: AbandonOptions,
): Promise<readonly UnfinishedWrite[]> {
  try {
    return await listUnfinished(storage, directory, { signal });
  } catch (error) {
    if (!isStorageError(error) || error.code === "aborted") throw error;
    notice?.(`nobody can tell what was begun to be written into ${directory} and has not ended: ${messageOf(error)}`);
    return [];
  }
}

/** None where the storage leaves none, or its service does not tell of any. */
export async function listUnfinished(
  storage: Storage,
  prefix: string,
  call: Call = {},
): Promise<readonly UnfinishedWrite[]> {
  try {
    return (await storage.unfinished?.(prefix, call)) ?? [];
  } catch (error) {
    if (isStorageError(error, "unsupported")) return [];
    throw error;
  }
}
