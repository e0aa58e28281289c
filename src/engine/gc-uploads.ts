import { listUnfinished } from "../catalog/abandon-writes.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage, UnfinishedWrite } from "../core/contracts/storage.ts";
import type { Garbage, GarbageLook } from "../core/garbage.ts";
import { CONTROL_DIRECTORY } from "../format/keys.ts";

export interface UploadsQuery extends Call {
  /** Directories of backups of ours. */
  readonly isOurs: (directory: string) => boolean;
}

/**
 * Writes into backups of ours, and into what is kept beside them, that were begun and have not ended. A service that
 * cannot list them, for whatever reason, keeps nothing else from being collected.
 */
export async function findUploads(
  storage: Storage,
  { isOurs, signal }: UploadsQuery,
): Promise<Pick<GarbageLook, "garbage" | "left">> {
  try {
    const found = await listUnfinished(storage, "", { signal });
    const garbage = found.flatMap((write) => {
      const [directory = ""] = write.key.split("/");
      if (directory !== CONTROL_DIRECTORY && !isOurs(directory)) return [];
      return [toUpload({ place: `${directory}/`, why: "writes that were begun and have not ended" }, write)];
    });
    return { garbage, left: [] };
  } catch (error) {
    if (!isStorageError(error) || error.code === "aborted") throw error;
    return { garbage: [], left: [{ place: "uploads in parts", why: `nobody can tell: ${error.message}` }] };
  }
}

/** Nobody can tell how large it is. */
export function toUpload(
  what: Pick<Garbage, "place" | "source" | "why">,
  { key, id, startedAt }: UnfinishedWrite,
): Garbage {
  const modifiedAt = startedAt && { modifiedAt: startedAt.toISOString() };
  return { ...what, kind: "upload", key, upload: id, bytes: 0, ...modifiedAt };
}
