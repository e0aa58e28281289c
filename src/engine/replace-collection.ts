import { BackupError } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import { alterAlias, renameCollection } from "../milvus/alter.ts";
import { dropCollection } from "../milvus/create.ts";
import { describeCollection } from "../milvus/describe.ts";
import { isMilvusError } from "../milvus/errors.ts";
import type { MilvusSession } from "../milvus/session.ts";
import type { CollectionRef, MilvusCall } from "../milvus/types.ts";

/**
 * Puts a restored collection in the place of the one that has its name, whose aliases it takes over. Milvus cannot swap
 * names, so for a moment there is none under the name: what is left then if Milvus fails is said in the error.
 */
export async function replaceCollection(
  milvus: MilvusSession,
  { old, restored }: Replacement,
  call: MilvusCall & { readonly graceMs: number },
): Promise<void> {
  const { graceMs: _, ...atOnce } = call;
  try {
    const { aliases } = await describeCollection(milvus, old, atOnce);
    for (const alias of aliases) await alterAlias(milvus, { ...restored, alias }, atOnce);
  } catch (cause) {
    throw notReplaced({ old, restored }, cause, "the old one is still there");
  }
  try {
    await dropCollection(milvus, old, call); // not called back: half a drop is a drop
  } catch (cause) {
    const isLost = isMilvusError(cause, "unreachable", "timeout");
    throw notReplaced({ old, restored }, cause, isLost ? "the old one may be dropped" : "the old one is still there");
  }
  try {
    await renameCollection(milvus, { ...restored, newName: old.collection }, call); // also when the run was stopped
    await describeCollection(milvus, old); // a reply that says nothing is taken for success
  } catch (cause) {
    throw notReplaced({ old, restored }, cause, "the old one is dropped");
  }
}

interface Replacement {
  readonly old: CollectionRef;
  readonly restored: CollectionRef;
}

function notReplaced({ old, restored }: Replacement, cause: unknown, where: string): BackupError {
  const name = `${old.database}.${old.collection}`;
  return new BackupError(
    toEventError(cause).code,
    `The restored ${restored.collection} could not take the name ${name}, and ${where}`,
    { cause, hint: `all rows of the backup are in ${restored.collection}: rename it, or drop it` },
  );
}
