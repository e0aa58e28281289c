import { listPartitions } from "../../src/milvus/inventory.ts";
import { partitionRowCount } from "../../src/milvus/rows.ts";
import type { MilvusSession } from "../../src/milvus/session.ts";
import type { CollectionRef } from "../../src/milvus/types.ts";

/** Rows by the server's books, of all partitions. */
export async function rowCount(milvus: MilvusSession, ref: CollectionRef): Promise<bigint> {
  let rows = 0n;
  for (const { name } of await listPartitions(milvus, ref)) {
    rows += await partitionRowCount(milvus, { ...ref, partition: name });
  }
  return rows;
}

export async function releaseCollection(milvus: MilvusSession, { database, collection }: CollectionRef): Promise<void> {
  await milvus.send("ReleaseCollection", { collection_name: collection }, { database });
}
