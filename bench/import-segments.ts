/**
 * What a restore without joined tasks cannot do without: collections like the given ones, and an import task for each of
 * their segments, asked of Milvus all at once and read where it has them. No copy, no checksums, no comparison.
 * import-segments.ts ADDRESS ROOT SUFFIX COLLECTION...
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { DataType } from "@zilliz/milvus2-sdk-node";
import { startImport, waitForImport } from "../src/milvus/import.ts";
import { connectMilvus } from "../src/milvus/connect.ts";
import { succeed, withClient } from "../test/support/dataset-client.ts";

const STALL_TIMEOUT_MS = 600_000;
const [address = "", root = "", suffix = "", ...collections] = process.argv.slice(2);

interface Partition {
  readonly name: string;
  readonly directory: string;
}

/** A collection of the same schema and partitions; gives back where the rows of the partitions are. */
function copyStructure(collection: string): Promise<readonly Partition[]> {
  return withClient(address, "default", async (client) => {
    const { collectionID, schema } = await succeed(client.describeCollection({ collection_name: collection }));
    const dim = Number(schema.fields.at(-1)?.type_params.find(({ key }) => key === "dim")?.value);
    const id = { name: "id", data_type: DataType.Int64, is_primary_key: true };
    const vector = { name: "vector", data_type: DataType.FloatVector, dim };
    const into = { collection_name: collection + suffix };
    await succeed(client.createCollection({ ...into, fields: [id, vector], shards_num: 1 }));
    const { partition_names, partitionIDs } = await succeed(client.showPartitions({ collection_name: collection }));
    for (const name of partition_names.filter((other) => other !== "_default")) {
      await succeed(client.createPartition({ ...into, partition_name: name }));
    }
    const directory = join(root, "insert_log", collectionID);
    return partition_names.map((name, at) => ({ name, directory: join(directory, String(partitionIDs[at])) }));
  });
}

await using milvus = await connectMilvus({ address });
const waits: Promise<unknown>[] = [];
for (const collection of collections) {
  for (const { name: partition, directory } of await copyStructure(collection)) {
    if (!existsSync(directory)) continue; // it has no rows
    for (const segment of await readdir(directory)) {
      const data = { kind: "segments", insertDirectory: `${join(directory, segment)}/` } as const;
      const into = { database: "default", collection: collection + suffix, partition };
      const task = await startImport(milvus, { ...into, place: "disk", data });
      waits.push(waitForImport(milvus, task, { stallTimeoutMs: STALL_TIMEOUT_MS }));
    }
  }
}
await Promise.all(waits);
