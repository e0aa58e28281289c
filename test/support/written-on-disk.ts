import { withClient } from "./dataset-client.ts";
import { keyOf, rowOf } from "./dataset-rows.ts";
import type { CollectionSpec } from "./dataset-spec.ts";
import { sandboxEnv } from "./sandbox.ts";
import { readPartitionsOnDisk } from "./segments-on-disk.ts";

type RowsByPartition = ReadonlyMap<string, readonly object[]>;

/** Of a collection of `id`, `label` and `vector` that rows were only inserted into, what must be on the disk. */
export function writtenTo(spec: CollectionSpec): RowsByPartition {
  const inserts = spec.steps.flatMap((step) => (step.kind === "insert" ? [step] : []));
  const rowsIn = (name: string): readonly object[] => {
    const own = inserts.filter(({ partition = "_default" }) => partition === name);
    return own.flatMap(({ rows: [from, to] }) => Array.from({ length: to - from }, (_, at) => toDisk(spec, from + at)));
  };
  return new Map(["_default", ...(spec.partitions ?? [])].map((name) => [name, rowsIn(name)]));
}

/** What is there, in the local Milvus. */
export async function readWritten(database: string, { name }: CollectionSpec): Promise<RowsByPartition> {
  return withClient(sandboxEnv().local.address, database, (client) =>
    readPartitionsOnDisk({ client, collection_name: name }, FIELDS),
  );
}

const FIELDS = ["id", "label", "vector"].map((name, at) => ({
  id: BigInt(100 + at),
  name,
  dataType: [5, 21, 101][at] ?? 0,
}));

function toDisk(spec: CollectionSpec, number: number): object {
  const { label, vector } = rowOf(spec, number);
  return { id: BigInt(keyOf(spec.keys, number)), label, vector: Float32Array.from(vector as readonly number[]) }; // by its spec
}
