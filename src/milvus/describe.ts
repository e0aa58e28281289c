import { MilvusError } from "./errors.ts";
import { FIELD_NUMBER } from "./schema-wire.ts";
import { schemaFromWire } from "./schema-from-wire.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionDescription, CollectionRef, MilvusCall } from "./types.ts";
import { bytesField } from "./wire.ts";

/** Describes a collection by its own name: an alias is refused, since the same data would be taken under two names. */
export async function describeCollection(
  milvus: MilvusSession,
  { database, collection }: CollectionRef,
  call: MilvusCall = {},
): Promise<CollectionDescription> {
  const options = { ...call, database };
  const { reply, bytes } = await milvus.send("DescribeCollection", { collection_name: collection }, options);
  const rawSchema = bytesField(bytes, FIELD_NUMBER.response.schema);
  if (reply.schema === null || rawSchema === undefined) {
    throw new MilvusError("empty-reply", `Milvus described "${database}.${collection}" without a schema`);
  }
  if (reply.aliases.includes(collection)) throw isAlias(database, collection);
  return {
    id: BigInt(reply.collectionID),
    name: collection,
    database,
    databaseId: BigInt(reply.db_id),
    schema: schemaFromWire(reply.schema, rawSchema),
    rawSchema,
    shards: reply.shards_num,
    consistencyLevel: reply.consistency_level,
    properties: reply.properties,
    aliases: reply.aliases,
    createdTimestamp: BigInt(reply.created_timestamp),
    virtualChannels: reply.virtual_channel_names,
    physicalChannels: reply.physical_channel_names,
  };
}

function isAlias(database: string, name: string): MilvusError {
  return new MilvusError("collection-not-found", `"${database}.${name}" is an alias, not a collection`, {
    hint: "Name the collection; its aliases are taken with it",
  });
}
