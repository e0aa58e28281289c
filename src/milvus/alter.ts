import type { KeyValue } from "../format/meta.ts";
import { isMilvusError } from "./errors.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionRef, MilvusCall } from "./types.ts";

/** Sets these and keeps the others. */
export async function alterProperties(
  milvus: MilvusSession,
  { database, collection, properties }: CollectionRef & { readonly properties: readonly KeyValue[] },
  call: MilvusCall = {},
): Promise<void> {
  await milvus.send("AlterCollection", { collection_name: collection, properties }, { ...call, database });
}

export interface AliasRef extends CollectionRef {
  readonly alias: string;
}

/**
 * Throws "refused" when the alias is another collection's. Milvus 2.3 keeps the aliases of dropped collections, pointing
 * nowhere, and refuses them as taken: such a one is taken over.
 */
export async function createAlias(milvus: MilvusSession, ref: AliasRef, call: MilvusCall = {}): Promise<void> {
  const { database, collection, alias } = ref;
  try {
    await milvus.send("CreateAlias", { collection_name: collection, alias }, { ...call, database });
  } catch (error) {
    if (!isMilvusError(error, "exists") || (await pointsSomewhere(milvus, ref, call))) throw error;
    await alterAlias(milvus, ref, call);
  }
}

/** Points an alias that exists at this collection. */
export async function alterAlias(milvus: MilvusSession, ref: AliasRef, call: MilvusCall = {}): Promise<void> {
  const { database, collection, alias } = ref;
  await milvus.send("AlterAlias", { collection_name: collection, alias }, { ...call, database });
}

/** Within its database; aliases and data stay with it. */
export async function renameCollection(
  milvus: MilvusSession,
  { database, collection, newName }: CollectionRef & { readonly newName: string },
  call: MilvusCall = {},
): Promise<void> {
  await milvus.send("RenameCollection", { oldName: collection, newName }, { ...call, database });
}

async function pointsSomewhere(
  milvus: MilvusSession,
  { database, alias }: AliasRef,
  call: MilvusCall,
): Promise<boolean> {
  try {
    await milvus.send("DescribeCollection", { collection_name: alias }, { ...call, database });
    return true;
  } catch (error) {
    if (isMilvusError(error, "collection-not-found")) return false;
    throw error;
  }
}
