import { DataType, type MilvusClient, type RowData } from "@zilliz/milvus2-sdk-node";
import { flush, succeed, withClient } from "./dataset-client.ts";
import { isAuto, keyOf, rowOf } from "./dataset-rows.ts";
import type { CollectionSpec, DataStep, RowStep } from "./dataset-spec.ts";

const batchRows = 2_000;

/** Creates databases and collections and fills them, all at once; what has the name already must not exist. */
export async function createAll(address: string, specs: readonly CollectionSpec[]): Promise<void> {
  for (const database of new Set(specs.map((spec) => spec.database))) await createDatabase(address, database);
  await Promise.all(specs.map((spec) => createOne(address, spec)));
}

async function createOne(address: string, spec: CollectionSpec): Promise<void> {
  await withClient(address, spec.database, async (client) => {
    await createCollection(client, spec);
    await fill(client, spec);
  });
}

/** Drops the collections, as far as they exist, their aliases and the databases that are empty then. */
export async function dropAll(address: string, specs: readonly CollectionSpec[]): Promise<void> {
  for (const database of new Set(specs.map((spec) => spec.database))) {
    const names = new Set(specs.filter((spec) => spec.database === database).map(({ name }) => name));
    await dropFrom(address, database, (name) => names.has(name));
  }
}

/** Drops a database and all that is in it, as far as it exists. */
export async function dropDatabase(address: string, database: string): Promise<void> {
  await dropFrom(address, database, () => true);
}

async function createDatabase(address: string, database: string): Promise<void> {
  await withClient(address, "default", async (client) => {
    const { db_names: existing } = await succeed(client.listDatabases());
    if (!existing.includes(database)) await succeed(client.createDatabase({ db_name: database }));
  });
}

/** The collection with partitions, indexes and aliases, still without rows. The client decides the database. */
export async function createCollection(client: MilvusClient, spec: CollectionSpec): Promise<void> {
  const name = { collection_name: spec.name };
  await succeed(client.createCollection({ ...name, ...schemaOf(spec) }));
  for (const partition of spec.partitions ?? []) {
    await succeed(client.createPartition({ ...name, partition_name: partition }));
  }
  for (const { field, type, metric, params, name: index_name } of spec.indexes ?? []) {
    const optional = {
      ...(index_name && { index_name }),
      ...(metric && { metric_type: metric }),
      ...(params && { params }),
    };
    await succeed(client.createIndex({ ...name, field_name: field, index_type: type, ...optional }));
  }
  for (const alias of spec.aliases ?? []) await succeed(client.createAlias({ ...name, alias }));
}

/** Takes the steps of a spec; what comes after its last flush stays in memory, as it would with live writers. */
export async function fill(client: MilvusClient, spec: CollectionSpec): Promise<void> {
  for (const step of spec.steps) await take(client, spec, step);
}

function schemaOf(spec: CollectionSpec) {
  const id = { name: "id", is_primary_key: true, autoID: isAuto(spec.keys) };
  const type = hasTextKeys(spec) ? { data_type: DataType.VarChar, max_length: 65_535 } : { data_type: DataType.Int64 };
  return {
    fields: [{ ...id, ...type }, ...spec.fields],
    shards_num: spec.shards ?? 1,
    enable_dynamic_field: spec.dynamic ?? false,
    consistency_level: spec.consistency ?? "Bounded",
    ...(spec.description !== undefined && { description: spec.description }),
    ...(spec.properties && { properties: spec.properties }),
    ...(spec.partitionCount !== undefined && { num_partitions: spec.partitionCount }),
  };
}

function hasTextKeys({ keys }: CollectionSpec): boolean {
  return keys.endsWith("text");
}

async function take(client: MilvusClient, spec: CollectionSpec, step: DataStep): Promise<void> {
  switch (step.kind) {
    case "flush":
      return flush(client, spec.name);
    case "delete": {
      const keys = numbers(step.rows).map((number) => keyOf(spec.keys, number));
      const list = hasTextKeys(spec) ? keys.map((key) => JSON.stringify(key)) : keys;
      const partition = step.partition === undefined ? {} : { partition_name: step.partition };
      await succeed(client.delete({ collection_name: spec.name, filter: `id in [${list.join()}]`, ...partition }));
      return;
    }
    case "insert":
    case "upsert":
      return write(client, spec, step);
  }
}

async function write(client: MilvusClient, spec: CollectionSpec, step: RowStep): Promise<void> {
  const { kind, rows, version = 1, partition } = step;
  for (let first = rows[0]; first < rows[1]; first += batchRows) {
    const batch = numbers([first, Math.min(first + batchRows, rows[1])]);
    const data = batch.map((number) => rowOf(spec, number, version) as RowData);
    const request = { collection_name: spec.name, data, ...(partition !== undefined && { partition_name: partition }) };
    const { insert_cnt, upsert_cnt } = await succeed(client[kind](request));
    const written = Number(kind === "insert" ? insert_cnt : upsert_cnt);
    if (written !== data.length) throw new Error(`Only ${written} of ${data.length} rows were written to ${spec.name}`);
  }
}

async function dropFrom(address: string, database: string, isDoomed: (name: string) => boolean): Promise<void> {
  const known = await withClient(address, "default", (client) => succeed(client.listDatabases()));
  if (!known.db_names.includes(database)) return;
  const isEmpty = await withClient(address, database, async (client) => {
    const before = await succeed(client.showCollections());
    const doomed = before.data.map(({ name }) => name).filter(isDoomed);
    for (const name of doomed) {
      const { aliases } = await succeed(client.describeCollection({ collection_name: name }));
      for (const alias of aliases) await succeed(client.dropAlias({ alias }));
      await succeed(client.dropCollection({ collection_name: name }));
    }
    return before.data.length === doomed.length;
  });
  if (!isEmpty || database === "default") return;
  await withClient(address, "default", (client) => succeed(client.dropDatabase({ db_name: database })));
}

function numbers([from, to]: readonly [number, number]): readonly number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}
