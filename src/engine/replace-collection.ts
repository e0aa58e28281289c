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
  const { graceMs, ...atOnce } = call;
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
  await takeName(milvus, { old, restored }, { deadline: milvus.clock.now() + graceMs });
}

/** Also when the run was stopped: nothing has the name now. */
async function takeName(milvus: MilvusSession, { old, restored }: Replacement, call: MilvusCall): Promise<void> {
  try {
    await renameCollection(milvus, { ...restored, newName: old.collection }, call);
  } catch (cause) {
    throw notReplaced({ old, restored }, cause, "the old one is dropped");
  }
  const unknown = await findUnknown(milvus, old, call);
  if (unknown !== undefined) throw notReplaced({ old, restored }, unknown, "the old one is dropped");
}

/** What Milvus says of a name that it does not know: a reply to the rename that says nothing was taken for success. */
async function findUnknown(milvus: MilvusSession, old: CollectionRef, call: MilvusCall): Promise<unknown> {
  try {
    await describeCollection(milvus, old, call);
    return undefined;
  } catch (cause) {
    if (isMilvusError(cause, "collection-not-found")) return cause;
    const name = `${old.database}.${old.collection}`;
    throw new BackupError(toEventError(cause).code, `Nobody could see whether the restored collection is ${name} now`, {
      cause,
      hint: "restore it again with --resume, which goes on from where it is",
    });
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
