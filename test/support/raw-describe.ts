import type { RowSource } from "./dataset-read.ts";
import { withRawClient } from "./raw-client.ts";

/** What Milvus gives out anew with every collection, and what says how far it has come. */
const OWN = new Set([
  "status",
  "collectionID",
  "db_id",
  "db_name",
  "collection_name",
  "created_timestamp",
  "created_utc_timestamp",
  "update_timestamp",
  "update_timestamp_str",
  "request_time",
  "virtual_channel_names",
  "physical_channel_names",
  "start_positions",
  "indexID",
  "indexed_rows",
  "total_rows",
  "pending_index_rows",
  "state",
]);

type Described = Readonly<Record<string, unknown>>;

/** All that Milvus says of a collection and its indexes, as it says it, but for what no other collection can have. */
export async function describeRaw(
  address: string,
  { database, collection }: RowSource,
): Promise<Described & { readonly indexes: readonly Described[] }> {
  return withRawClient(address, async (call) => {
    const request = { db_name: database, collection_name: collection };
    const described = await call("DescribeCollection", request);
    const { partition_names } = await call("ShowPartitions", request);
    const { index_descriptions } = await call("DescribeIndex", request);
    const indexes = index_descriptions as readonly Described[]; // like the lists below by the proto file
    return {
      ...comparable(described),
      partitions: sorted(partition_names as readonly string[]),
      indexes: sorted(indexes.map(comparable)),
    };
  });
}

/** Lists that have no order of their own. */
const UNORDERED = new Set(["params", "properties", "aliases"]);

function comparable(reply: Described): Described {
  const entries = Object.entries(reply).filter(([key]) => !OWN.has(key));
  const inOrder = (key: string, value: unknown): unknown =>
    UNORDERED.has(key) && Array.isArray(value) ? sorted(value) : value;
  return Object.fromEntries(entries.map(([key, value]) => [key, inOrder(key, value)]));
}

function sorted<T>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
