import { compareObjects, formatDifferences, hasDifferences } from "../core/copy-plan.ts";
import type { FoundObject } from "../core/copy-plan.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import type { CollectionMeta } from "../format/meta.ts";
import { segmentObjects } from "../format/segment-objects.ts";
import { listPayload } from "./payload.ts";

export interface PayloadCheck {
  readonly backup: string;
  readonly meta: CollectionMeta;
  /** How many bytes of an object are in so many stored ones, where the backup is encrypted; undefined for none. */
  readonly plainBytes?: ((stored: number) => number | undefined) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A BackupError "damaged" unless the backup holds exactly the objects that its meta files name, with their sizes. */
export async function checkPayload(
  storage: Storage,
  { backup, meta, plainBytes, signal }: PayloadCheck,
): Promise<void> {
  const collectionId = meta.collection_id;
  const differences = await compareObjects(
    segmentObjects(meta),
    inPlain(listPayload(storage, { backup, collectionId, signal }), plainBytes),
  );
  if (!hasDifferences(differences)) return;
  const name = `${meta.db_name ?? "default"}.${meta.collection_name}`;
  throw new BackupError("damaged", `The backup ${backup} is damaged: of ${name} ${formatDifferences(differences)}`, {
    hint: "nothing was restored: take the objects from another copy of the backup, or leave the collection out with --collections",
    facts: { ...differences },
  });
}

/** A length that no encrypted object has is told as it is found, and is none that was expected. */
async function* inPlain(
  found: AsyncIterable<FoundObject>,
  plainBytes: PayloadCheck["plainBytes"],
): AsyncIterable<FoundObject> {
  if (plainBytes === undefined) yield* found;
  else for await (const { key, bytes } of found) yield { key, bytes: plainBytes(bytes) ?? -1 };
}
