import { DataType, promisify } from "@zilliz/milvus2-sdk-node";
import type { MilvusClient } from "@zilliz/milvus2-sdk-node";
import { flush, succeed, withClient } from "../test/support/dataset-client.ts";

export interface VectorCollection {
  readonly name: string;
  readonly dim: number;
  /** Rows of each partition that gets any, by its name. */
  readonly rows: Readonly<Record<string, number>>;
  /** So many are sealed at a time; one segment at the end unless told. */
  readonly flushEvery?: number;
}

const BATCH_ROWS = 20_000;

/** Makes and fills a collection of int64 keys and float vectors; gives back its id. One that has the rows already stays. */
export async function fillVectors(address: string, collection: VectorCollection): Promise<string> {
  const { name, dim, rows } = collection;
  return withClient(address, "default", async (client) => {
    const wanted = Object.values(rows).reduce((sum, count) => sum + count, 0);
    if ((await countRows(client, name)) !== wanted) {
      await client.dropCollection({ collection_name: name });
      const id = { name: "id", data_type: DataType.Int64, is_primary_key: true };
      const vector = { name: "vector", data_type: DataType.FloatVector, dim };
      await succeed(client.createCollection({ collection_name: name, fields: [id, vector], shards_num: 1 }));
      for (const [partition, count] of Object.entries(rows))
        await fillPartition(client, collection, { partition, count });
    }
    return (await succeed(client.describeCollection({ collection_name: name }))).collectionID;
  });
}

async function countRows(client: MilvusClient, name: string): Promise<number | undefined> {
  const { value } = await succeed(client.hasCollection({ collection_name: name }));
  if (!value) return undefined;
  const { data } = await succeed(client.getCollectionStatistics({ collection_name: name }));
  return Number(data["row_count"]);
}

async function fillPartition(
  client: MilvusClient,
  { name, dim, flushEvery = Infinity }: VectorCollection,
  { partition, count }: { readonly partition: string; readonly count: number },
): Promise<void> {
  const step = Math.min(BATCH_ROWS, flushEvery);
  if (partition !== "_default")
    await succeed(client.createPartition({ collection_name: name, partition_name: partition }));
  for (let first = 0; first < count; first += step) {
    await insert(client, { name, dim, partition, first, rows: Math.min(step, count - first) });
    if (first > 0 && first % flushEvery === 0) await flush(client, name);
  }
  await flush(client, name);
}

interface Batch {
  readonly name: string;
  readonly dim: number;
  readonly partition: string;
  readonly first: number;
  readonly rows: number;
}

/** The RPC itself, by columns: the SDK's insert turns rows into columns, which takes four times as long. */
async function insert(client: MilvusClient, { name, dim, partition, first, rows }: Batch): Promise<void> {
  const numbers = Array.from({ length: rows }, (_, at) => first + at);
  const floats = Array.from({ length: rows * dim }, (_, at) => valueOf(first * dim + at));
  const fields = [
    { type: "Int64", field_name: "id", scalars: { long_data: { data: numbers.map(String) } } },
    { type: "FloatVector", field_name: "vector", vectors: { dim: String(dim), float_vector: { data: floats } } },
  ];
  const names = { collection_name: name, partition_name: partition };
  const request = { ...names, num_rows: rows, hash_keys: numbers, fields_data: fields };
  await succeed(promisify(client.channelPool, "Insert", request, 60_000));
}

/** As good as random, so that compression does not make the work less than it is with real vectors; the same every time. */
function valueOf(at: number): number {
  const mixed = Math.imul(at ^ (at >>> 16), 0x45d9f3b);
  const again = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return ((again ^ (again >>> 16)) >>> 0) / 2 ** 32;
}
