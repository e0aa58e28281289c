import type { KeyValue } from "../format/meta.ts";
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

/** Throws "refused" when the alias is taken. */
export async function createAlias(milvus: MilvusSession, ref: AliasRef, call: MilvusCall = {}): Promise<void> {
  const { database, collection, alias } = ref;
  await milvus.send("CreateAlias", { collection_name: collection, alias }, { ...call, database });
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
