import { isMilvusError } from "./errors.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionRef, DatabaseDescription, MilvusCall, NamedId } from "./types.ts";

/** The databases that the user may see. */
export async function listDatabases(milvus: MilvusSession, call: MilvusCall = {}): Promise<readonly string[]> {
  const { reply } = await milvus.send("ListDatabases", {}, call);
  return reply.db_names;
}

export async function describeDatabase(
  milvus: MilvusSession,
  database: string,
  call: MilvusCall = {},
): Promise<DatabaseDescription> {
  if (!milvus.capabilities.describeDatabase) return { name: database, properties: [] };
  const { reply } = await milvus.send("DescribeDatabase", {}, { ...call, database });
  return { name: database, id: BigInt(reply.dbID), properties: reply.properties };
}

export async function listCollections(
  milvus: MilvusSession,
  database: string,
  call: MilvusCall = {},
): Promise<readonly NamedId[]> {
  const { reply } = await milvus.send("ShowCollections", {}, { ...call, database });
  return pair(reply.collection_names, reply.collection_ids);
}

export async function listPartitions(
  milvus: MilvusSession,
  { database, collection }: CollectionRef,
  call: MilvusCall = {},
): Promise<readonly NamedId[]> {
  const { reply } = await milvus.send("ShowPartitions", { collection_name: collection }, { ...call, database });
  return pair(reply.partition_names, reply.partitionIDs);
}

/** Also true for an alias; false when there is no such database. */
export async function hasCollection(
  milvus: MilvusSession,
  { database, collection }: CollectionRef,
  call: MilvusCall = {},
): Promise<boolean> {
  try {
    const { reply } = await milvus.send("HasCollection", { collection_name: collection }, { ...call, database });
    return reply.value;
  } catch (error) {
    if (isMilvusError(error, "collection-not-found", "database-not-found")) return false;
    throw error;
  }
}

function pair(names: readonly string[], ids: readonly string[]): readonly NamedId[] {
  return names.map((name, index) => ({ id: BigInt(ids[index] ?? 0), name }));
}
