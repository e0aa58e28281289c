import { compareObjects, formatDifferences, hasDifferences } from "../core/copy-plan.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import type { CollectionMeta } from "../format/meta.ts";
import { segmentObjects } from "../format/segment-objects.ts";
import { listPayload } from "./payload.ts";

export interface PayloadCheck {
  readonly backup: string;
  readonly meta: CollectionMeta;
  readonly signal?: AbortSignal | undefined;
}

/** A BackupError "damaged" unless the backup holds exactly the objects that its meta files name, with their sizes. */
export async function checkPayload(storage: Storage, { backup, meta, signal }: PayloadCheck): Promise<void> {
  const collectionId = meta.collection_id;
  const differences = await compareObjects(
    segmentObjects(meta),
    listPayload(storage, { backup, collectionId, signal }),
  );
  if (!hasDifferences(differences)) return;
  const name = `${meta.db_name ?? "default"}.${meta.collection_name}`;
  throw new BackupError("damaged", `The backup ${backup} is damaged: of ${name} ${formatDifferences(differences)}`, {
    hint: "nothing was restored: take the objects from another copy of the backup, or leave the collection out with --collections",
    facts: { ...differences },
  });
}
