import type { CollectionMeta, PartitionMeta } from "../format/meta.ts";
import { describeCollection } from "./describe.ts";
import { describeIndexes } from "./indexes.ts";
import { listPartitions } from "./inventory.ts";
import { loadState, partitionLoadStates } from "./load.ts";
import { restorableProperties } from "./properties.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionDescription, CollectionRef, LoadState, MilvusCall, NamedId } from "./types.ts";
import { withoutZeros } from "./zeros.ts";

export interface CapturedCollection {
  /** As the Go tool records it, with partitions but without segments, sizes and what a flush tells. */
  readonly meta: CollectionMeta;
  readonly rawSchema: Uint8Array;
}

type HeadOfMeta = Pick<
  CollectionMeta,
  "collection_id" | "db_name" | "collection_name" | "schema" | "shards_num" | "consistency_level"
>;
type TailOfMeta = Pick<
  CollectionMeta,
  "properties" | "db_id" | "created_timestamp" | "virtual_channel_names" | "physical_channel_names" | "aliases"
>;

/** Everything about a collection but its data. */
export async function captureCollection(
  milvus: MilvusSession,
  ref: CollectionRef,
  call: MilvusCall = {},
): Promise<CapturedCollection> {
  const description = await describeCollection(milvus, ref, call);
  const [indexes, partitions, state] = await Promise.all([
    describeIndexes(milvus, ref, call),
    listPartitions(milvus, ref, call),
    loadState(milvus, ref, call),
  ]);
  const states = await statesOfPartitions(milvus, { description, partitions, state }, call);
  const meta: CollectionMeta = {
    ...headOf(description),
    partition_backups: partitions.map((partition) => toPartition(description.id, partition, states)),
    size: 0n,
    has_index: indexes.length > 0,
    ...withoutZeros({ index_infos: indexes }),
    load_state: state,
    ...tailOf(description),
  };
  return { meta, rawSchema: description.rawSchema };
}

function headOf({ id, database, name, ...description }: CollectionDescription): HeadOfMeta {
  const { properties: ofSchema = [], ...schema } = description.schema;
  const properties = restorableProperties(ofSchema, description.properties);
  return {
    collection_id: id,
    db_name: database,
    collection_name: name,
    // The Go tool restores the schema's properties only, and most servers report the collection's only.
    schema: { ...schema, name, ...withoutZeros({ properties }) },
    ...withoutZeros({ shards_num: description.shards, consistency_level: description.consistencyLevel }),
  };
}

function tailOf(description: CollectionDescription): TailOfMeta {
  return withoutZeros({
    properties: description.properties,
    db_id: description.databaseId,
    created_timestamp: description.createdTimestamp,
    virtual_channel_names: description.virtualChannels,
    physical_channel_names: description.physicalChannels,
    aliases: description.aliases,
  });
}

interface LoadQuestion {
  readonly description: CollectionDescription;
  readonly partitions: readonly NamedId[];
  readonly state: LoadState;
}

/** Partitions of a partition key are loaded together, and none is where the collection is not: no need to ask. */
async function statesOfPartitions(
  milvus: MilvusSession,
  { description, partitions, state }: LoadQuestion,
  call: MilvusCall,
): Promise<ReadonlyMap<string, LoadState>> {
  const names = partitions.map(({ name }) => name);
  const isOneForAll = description.schema.fields.some(({ is_partition_key }) => is_partition_key);
  if (state === "NotLoad" || isOneForAll) return new Map(names.map((name) => [name, state]));
  const { database, name: collection } = description;
  return await partitionLoadStates(milvus, { database, collection, partitions: names }, call);
}

function toPartition(
  collectionId: bigint,
  { id, name }: NamedId,
  states: ReadonlyMap<string, LoadState>,
): PartitionMeta {
  return {
    partition_id: id,
    partition_name: name,
    collection_id: collectionId,
    size: 0n,
    ...withoutZeros({ load_state: states.get(name) }),
  };
}
