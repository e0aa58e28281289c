import { deleteKeys } from "../catalog/delete-backup.ts";
import type { Storage } from "../core/contracts/storage.ts";
import type { FoundObject } from "../core/copy-plan.ts";
import { keyInBackup, objectsListKey } from "../format/keys.ts";

export interface PayloadQuery {
  readonly backup: string;
  readonly collectionId: bigint;
  readonly signal?: AbortSignal | undefined;
}

/** Every object of a collection in a backup, by its key relative to the backup's directory. */
export async function* listPayload(
  storage: Storage,
  { backup, collectionId, signal }: PayloadQuery,
): AsyncIterable<FoundObject> {
  const root = keyInBackup(backup, "");
  for (const kind of ["delta_log", "insert_log"]) {
    for await (const entry of storage.list(`${root}binlogs/${kind}/${collectionId}/`, { signal })) {
      if (entry.kind === "object") yield { key: entry.key.slice(root.length), bytes: entry.bytes };
    }
  }
}

/** Takes back what was copied of a collection that does not become part of the backup. */
export async function removePayload(storage: Storage, query: PayloadQuery): Promise<void> {
  const keys = [keyInBackup(query.backup, objectsListKey(query.collectionId))];
  for await (const { key } of listPayload(storage, query)) keys.push(keyInBackup(query.backup, key));
  await deleteKeys(storage, keys, { signal: query.signal });
}
