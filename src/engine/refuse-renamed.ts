import { formatName } from "../core/collection-name.ts";
import { BackupError } from "../core/errors.ts";
import type { BackUpCollectionStep } from "../core/plan.ts";
import type { MilvusCall } from "../milvus/types.ts";
import { listInventory } from "./inventory.ts";
import type { OpenSource } from "./places.ts";

/**
 * A collection that is not under its name any more was dropped only if it is under no other: a renamed one still has its
 * rows, which would be in no backup. Throws a BackupError "failed" when it lives on.
 */
export async function refuseRenamed(
  { milvus }: OpenSource,
  { collection, collectionId }: BackUpCollectionStep,
  call: MilvusCall,
): Promise<void> {
  if (collectionId === undefined) return;
  const { collections } = await listInventory(milvus, call);
  const now = collections.find(({ id }) => id === collectionId);
  if (now === undefined || formatName(now) === formatName(collection)) return;
  throw new BackupError("failed", `${formatName(collection)} was renamed to ${formatName(now)} during the run`, {
    hint: "run it again: it is then taken under its new name",
  });
}
