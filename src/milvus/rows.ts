import { MilvusError } from "./errors.ts";
import type { WireKeyValue } from "./rpc.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionRef, MilvusCall } from "./types.ts";

export interface PartitionRef extends CollectionRef {
  readonly partition: string;
}

/** Rows by the server's books: inserted ones, with what deletes of a live collection took away still counted. */
export async function partitionRowCount(
  milvus: MilvusSession,
  ref: PartitionRef,
  call: MilvusCall = {},
): Promise<bigint> {
  const { database, collection, partition } = ref;
  const request = { collection_name: collection, partition_name: partition };
  const { reply } = await milvus.send("GetPartitionStatistics", request, { ...call, database });
  return rowCountOf(reply.stats, `${database}.${collection}/${partition}`);
}

const STRONG = 0;

/** Rows that a query finds, deletes applied, with consistency level Strong. The collection must be loaded. */
export async function countRows(
  milvus: MilvusSession,
  { database, collection, partition }: CollectionRef & { readonly partition?: string },
  call: MilvusCall = {},
): Promise<bigint> {
  const request = {
    collection_name: collection,
    expr: "",
    output_fields: ["count(*)"],
    partition_names: partition === undefined ? [] : [partition],
    consistency_level: STRONG,
  };
  const { reply } = await milvus.send("Query", request, { ...call, database });
  const count = reply.fields_data[0]?.scalars?.long_data?.data[0];
  if (count === undefined) throw notCounted(`${database}.${collection}`);
  return BigInt(count);
}

function rowCountOf(stats: readonly WireKeyValue[], what: string): bigint {
  const count = stats.find(({ key }) => key === "row_count")?.value;
  if (count === undefined) throw notCounted(what);
  return BigInt(count);
}

function notCounted(what: string): MilvusError {
  return new MilvusError("empty-reply", `Milvus gave no row count for "${what}"`);
}
