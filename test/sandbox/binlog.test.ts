import { Buffer } from "node:buffer";
import { ConsistencyLevelEnum, DataType } from "@zilliz/milvus2-sdk-node";
import type { FieldType, RowData } from "@zilliz/milvus2-sdk-node";
import { expect, it } from "vitest";
import { countLiveRows } from "../../src/binlog/live-rows.ts";
import type { LiveRows } from "../../src/binlog/live-rows.ts";
import { flush, succeed, withClient } from "../support/dataset-client.ts";
import { insertTexts } from "../support/raw-client.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { type OnDisk, readRowsOnDisk, segmentsOnDisk } from "../support/segments-on-disk.ts";

const VECTOR: FieldType = { name: "vector", data_type: DataType.FloatVector, dim: 2 };
const INT64_KEY: FieldType = { name: "id", data_type: DataType.Int64, is_primary_key: true };

/** A collection of one shard for the time of the work, so that what is written together is in one segment. */
async function withCollection<T>(fields: FieldType[], work: (collection: OnDisk) => Promise<T>): Promise<T> {
  const collection_name = `binlog_${crypto.randomUUID().replaceAll("-", "")}`;
  return withClient(sandboxEnv().local.address, "default", async (client) => {
    await succeed(client.createCollection({ collection_name, fields, shards_num: 1, enable_dynamic_field: true }));
    try {
      return await work({ client, collection_name });
    } finally {
      await succeed(client.dropCollection({ collection_name }));
    }
  });
}

async function countRows(collection: OnDisk): Promise<LiveRows> {
  const total = { rows: 0, deleted: 0, live: 0 };
  for (const segment of await segmentsOnDisk(collection)) {
    const found = await countLiveRows({
      primaryKey: { id: 100n, dataType: DataType.Int64 },
      primaryKeys: segment.logs("insert_log", 100n),
      timestamps: segment.logs("insert_log", 1n),
      deltas: segment.logs("delta_log"),
    });
    total.rows += found.rows;
    total.deleted += found.deleted;
    total.live += found.live;
  }
  return total;
}

/** What Milvus itself counts as live. */
async function milvusCount({ client, collection_name }: OnDisk): Promise<number> {
  await succeed(client.createIndex({ collection_name, field_name: "vector", index_type: "FLAT", metric_type: "L2" }));
  await succeed(client.loadCollectionSync({ collection_name }));
  const consistency_level = ConsistencyLevelEnum.Strong;
  const request = { collection_name, filter: "", output_fields: ["count(*)"], consistency_level };
  const { data } = await succeed(client.query(request));
  return Number(data[0]?.["count(*)"]);
}

it("readSegmentRows() reads exactly what was written: scalars at their limits, JSON and dynamic fields", async () => {
  const fields: FieldType[] = [
    INT64_KEY,
    { name: "bool", data_type: DataType.Bool },
    { name: "int8", data_type: DataType.Int8 },
    { name: "int16", data_type: DataType.Int16 },
    { name: "int32", data_type: DataType.Int32 },
    { name: "float", data_type: DataType.Float },
    { name: "double", data_type: DataType.Double },
    { name: "text", data_type: DataType.VarChar, max_length: 65_535 },
    { name: "json", data_type: DataType.JSON },
    VECTOR,
  ];
  const json = { ключ: [1, { 嵌套: '\u0000\u2028😀\\"' }, null], empty: {}, big: 1e300 };
  const written = [
    {
      id: 2n ** 63n - 1n,
      bool: true,
      int8: 127,
      int16: 32_767,
      int32: 2 ** 31 - 1,
      float: 3.4028234663852886e38,
      double: Number.MAX_VALUE,
      text: "é".repeat(32_767),
      json,
      vector: [1.5, -2],
    },
    {
      id: -(2n ** 63n),
      bool: false,
      int8: -128,
      int16: -32_768,
      int32: -(2 ** 31),
      float: 1.401298464324817e-45,
      double: 5e-324,
      text: "",
      json: {},
      vector: [0, 3.4028234663852886e38],
    },
    {
      id: 0n,
      bool: false,
      int8: 0,
      int16: 0,
      int32: 0,
      float: 0,
      double: 0,
      text: "\uFEFF书 '\"<>&\u0000",
      json: { nested: [[]] },
      vector: [0, 0],
    },
  ];
  const types = [5, 1, 2, 3, 4, 10, 11, 21, 23, 101, 23];
  const names = [...fields.map(({ name }) => name), "$meta"];
  const rowFields = names.map((name, index) => ({ id: BigInt(100 + index), name, dataType: types[index] ?? 0 }));
  const rows = await withCollection(fields, async (collection) => {
    const data: RowData[] = written.map((row, index) => ({ ...row, id: String(row.id), dynamic: { index } }));
    await succeed(collection.client.insert({ collection_name: collection.collection_name, data }));
    await flush(collection.client, collection.collection_name);
    return readRowsOnDisk(collection, rowFields);
  });
  const read = rows.map((row) => ({
    ...row,
    json: JSON.parse(String(row["json"])),
    $meta: JSON.parse(String(row["$meta"])),
  }));
  const expected = written.map((row, index) => ({
    ...row,
    vector: Float32Array.from(row.vector),
    $meta: { dynamic: { index } },
  }));
  expect(read).toEqual(expected.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1)));
});

it("readSegmentRows() reads arrays of every element type, text keys and binary vectors", async () => {
  const elements = {
    bools: { type: DataType.Bool, values: [[true, false], []] },
    int8s: { type: DataType.Int8, values: [[-128, 127], []] },
    int16s: { type: DataType.Int16, values: [[-32_768, 32_767], []] },
    int32s: { type: DataType.Int32, values: [[-(2 ** 31), 2 ** 31 - 1], []] },
    int64s: { type: DataType.Int64, values: [[-(2n ** 63n), 2n ** 63n - 1n], []] },
    floats: { type: DataType.Float, values: [[0.5, -1.5], []] },
    doubles: { type: DataType.Double, values: [[0.1, 5e-324], []] },
    texts: { type: DataType.VarChar, values: [["", "\uFEFF书"], []] },
  };
  const fields: FieldType[] = [
    { name: "id", data_type: DataType.VarChar, max_length: 100, is_primary_key: true },
    { name: "vector", data_type: DataType.BinaryVector, dim: 16 },
    ...Object.entries(elements).map(([name, { type }]) => ({
      name,
      data_type: DataType.Array,
      element_type: type,
      max_capacity: 4,
      ...(type === DataType.VarChar ? { max_length: 100 } : {}),
    })),
  ];
  const rowFields = fields.map(({ name, data_type }, index) => ({
    id: BigInt(100 + index),
    name,
    dataType: Number(data_type),
  }));
  const written = ["a", "书"].map((id, index) => ({
    id,
    vector: [255, index],
    ...Object.fromEntries(Object.entries(elements).map(([name, { values }]) => [name, values[index] ?? []])),
  }));
  const rows = await withCollection(fields, async (collection) => {
    const data = written.map((row) =>
      JSON.parse(JSON.stringify(row, (_, value) => (typeof value === "bigint" ? String(value) : value))),
    );
    await succeed(collection.client.insert({ collection_name: collection.collection_name, data }));
    await flush(collection.client, collection.collection_name);
    return readRowsOnDisk(collection, rowFields);
  });
  expect(
    rows.map((row) => ({ ...row, vector: Buffer.from(row["vector"] instanceof Uint8Array ? row["vector"] : []) })),
  ).toEqual(written.map((row) => ({ ...row, vector: Buffer.from(row.vector) })));
});

it("readSegmentRows() reads JSON and the dynamic field byte for byte", async () => {
  const json = '{"big": 9007199254740993,"f":[1.0,1.50 ], "\\u00e9":"\\ud83d\\ude00😀","dup":1,"dup":2}';
  const dynamic = '{"json": "not the field","id":-9223372036854775808}';
  const fields: FieldType[] = [INT64_KEY, { name: "json", data_type: DataType.JSON }, VECTOR];
  const rowFields = ["id", "json", "vector", "$meta"].map((name, at) => ({
    id: BigInt(100 + at),
    name,
    dataType: [5, 23, 101, 23][at] ?? 0,
  }));
  const rows = await withCollection(fields, async (collection) => {
    const { collection_name } = collection;
    const source = { database: "default", collection: collection_name };
    await insertTexts(sandboxEnv().local.address, source, [{ json, dynamic }]);
    await flush(collection.client, collection_name);
    return readRowsOnDisk(collection, rowFields);
  });
  expect(rows).toEqual([{ id: 0n, json, vector: new Float32Array(2), $meta: dynamic }]);
});

type Step = (collection: OnDisk) => Promise<unknown>;

const rowsOf = (count: number): RowData[] => Array.from({ length: count }, (_, id) => ({ id, vector: [id, 0] }));
/** In the default partition, or that of the name. */
const within = (partition: string | undefined) => (partition === undefined ? {} : { partition_name: partition });
const insert =
  (count: number, partition?: string): Step =>
  ({ client, ...name }) =>
    succeed(client.insert({ ...name, ...within(partition), data: rowsOf(count) }));
const upsert =
  (count: number): Step =>
  ({ client, ...name }) =>
    succeed(client.upsert({ ...name, data: rowsOf(count) }));
/** Everywhere, unless it is said in which partition. */
const remove =
  (count: number, partition?: string): Step =>
  ({ client, ...name }) =>
    succeed(client.delete({ ...name, ...within(partition), filter: `id in [${rowsOf(count).map(({ id }) => id)}]` }));
const makePartition =
  (partition: string): Step =>
  ({ client, ...name }) =>
    succeed(client.createPartition({ ...name, partition_name: partition }));
const flushed: Step = ({ client, collection_name }) => flush(client, collection_name);

it.concurrent.each<{ what: string; steps: Step[]; live: number }>([
  { what: "deletes", steps: [insert(10), flushed, remove(3), flushed], live: 7 },
  { what: "rows inserted again in the same segment", steps: [insert(10), remove(4), insert(2), flushed], live: 8 },
  {
    what: "rows deleted, inserted and deleted again in the same segment",
    steps: [insert(10), remove(4), insert(3), remove(2), flushed],
    live: 7,
  },
  {
    what: "rows inserted again in another segment",
    steps: [insert(10), flushed, remove(4), flushed, insert(2), flushed],
    live: 8,
  },
  {
    what: "rows inserted again in another segment before the delete was on storage",
    steps: [insert(10), flushed, remove(4), insert(2), flushed],
    live: 8,
  },
  {
    what: "rows upserted in the same segment, deleted at the time they are written",
    steps: [insert(10), upsert(5), flushed],
    live: 10,
  },
  { what: "rows upserted in another segment", steps: [insert(10), flushed, upsert(5), flushed], live: 10 },
  {
    what: "rows deleted everywhere and inserted again in another partition",
    steps: [makePartition("other"), insert(10), flushed, remove(4), insert(3, "other"), flushed],
    live: 9,
  },
  {
    what: "keys of two partitions deleted in one of them, and inserted again there",
    steps: [
      makePartition("other"),
      insert(10),
      insert(8, "other"),
      flushed,
      remove(5, "other"),
      insert(2, "other"),
      flushed,
    ],
    live: 15,
  },
])("countLiveRows() counts as Milvus does after $what", async ({ steps, live }) => {
  await withCollection([INT64_KEY, VECTOR], async (collection) => {
    for (const step of steps) await step(collection);
    const found = await countRows(collection);
    expect({ live: found.live, milvus: await milvusCount(collection) }).toEqual({ live, milvus: live });
  });
});
