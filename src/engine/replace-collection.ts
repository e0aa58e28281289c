import { BackupError } from "../core/errors.ts";
import { alterAlias, renameCollection } from "../milvus/alter.ts";
import { dropCollection } from "../milvus/create.ts";
import { describeCollection } from "../milvus/describe.ts";
import type { MilvusSession } from "../milvus/session.ts";
import type { CollectionRef, MilvusCall } from "../milvus/types.ts";

/**
 * Puts a restored collection in the place of the one that has its name, whose aliases it takes over. Milvus cannot swap
 * names, so for a moment there is none under the name: what is left then if Milvus fails is said in the error.
 */
export async function replaceCollection(
  milvus: MilvusSession,
  { old, restored }: { readonly old: CollectionRef; readonly restored: CollectionRef },
  call: MilvusCall = {},
): Promise<void> {
  const { aliases } = await describeCollection(milvus, old, call);
  for (const alias of aliases) await alterAlias(milvus, { ...restored, alias }, call);
  await dropCollection(milvus, old, call);
  try {
    await renameCollection(milvus, { ...restored, newName: old.collection });
  } catch (cause) {
    const name = `${old.database}.${old.collection}`;
    throw new BackupError(
      "failed",
      `The old ${name} is dropped, but the restored one is still called ${restored.collection}`,
      {
        cause,
        hint: `all rows are in it: rename ${restored.collection} to ${old.collection}`,
      },
    );
  }
}
