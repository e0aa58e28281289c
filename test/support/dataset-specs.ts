import { DataType, type FieldType } from "@zilliz/milvus2-sdk-node";
import type { CollectionSpec } from "./dataset-spec.ts";

const vector: FieldType = { name: "vector", data_type: DataType.FloatVector, dim: 8 };
const label: FieldType = { name: "label", data_type: DataType.VarChar, max_length: 200 };
const flatIndex = { field: "vector", type: "FLAT", metric: "L2" };

const scalars: readonly FieldType[] = [
  { name: "flag", data_type: DataType.Bool },
  { name: "tiny", data_type: DataType.Int8 },
  { name: "short", data_type: DataType.Int16 },
  { name: "medium", data_type: DataType.Int32 },
  { name: "long", data_type: DataType.Int64 },
  { name: "single", data_type: DataType.Float },
  { name: "double", data_type: DataType.Double },
  label,
  { name: "document", data_type: DataType.JSON },
];

const arrays: readonly FieldType[] = [
  { name: "longs", data_type: DataType.Array, element_type: DataType.Int64, max_capacity: 10 },
  { name: "texts", data_type: DataType.Array, element_type: DataType.VarChar, max_capacity: 10, max_length: 50 },
  { name: "floats", data_type: DataType.Array, element_type: DataType.Float, max_capacity: 10 },
  { name: "flags", data_type: DataType.Array, element_type: DataType.Bool, max_capacity: 10 },
];

/** Compaction would apply the deletes sooner or later, and then nothing is left for a restore to get wrong. */
const keepDeltas = { "collection.autocompaction.enabled": "false" };

const allTypes: CollectionSpec = {
  database: "default",
  name: "all_types",
  keys: "wide",
  fields: [...scalars, ...arrays, vector],
  description: "Every type of 2.3, with “quotes” and 漢字",
  shards: 2,
  consistency: "Session",
  indexes: [{ field: "vector", type: "IVF_FLAT", metric: "L2", params: { nlist: 16 } }],
  steps: [
    { kind: "insert", rows: [0, 200] },
    { kind: "flush" },
    { kind: "insert", rows: [200, 300] },
    { kind: "flush" },
  ],
};

const textKeys: CollectionSpec = {
  database: "default",
  name: "text_keys",
  keys: "text",
  fields: [label, vector],
  dynamic: true,
  consistency: "Strong",
  properties: keepDeltas,
  indexes: [{ field: "vector", type: "HNSW", metric: "IP", params: { M: 8, efConstruction: 64 } }],
  aliases: ["text_keys_alias"],
  steps: [
    { kind: "insert", rows: [0, 150] },
    { kind: "flush" },
    { kind: "delete", rows: [0, 20] },
    { kind: "insert", rows: [10, 20], version: 2 },
    { kind: "flush" },
  ],
};

const autoIds: CollectionSpec = {
  database: "default",
  name: "auto_ids",
  keys: "auto",
  fields: [label, vector],
  steps: [{ kind: "insert", rows: [0, 100] }, { kind: "flush" }],
};

const binaryVectors: CollectionSpec = {
  database: "default",
  name: "binary_vectors",
  keys: "small",
  fields: [{ name: "bits", data_type: DataType.BinaryVector, dim: 16 }],
  consistency: "Eventually",
  indexes: [{ field: "bits", type: "BIN_FLAT", metric: "JACCARD" }],
  steps: [{ kind: "insert", rows: [0, 120] }, { kind: "flush" }],
};

const tenants: CollectionSpec = {
  database: "default",
  name: "tenants",
  keys: "small",
  fields: [{ name: "tenant", data_type: DataType.VarChar, max_length: 20, is_partition_key: true }, vector],
  shards: 2,
  partitionCount: 4,
  indexes: [flatIndex],
  steps: [{ kind: "insert", rows: [0, 200] }, { kind: "flush" }],
};

const partitions: CollectionSpec = {
  database: "default",
  name: "partitions",
  keys: "small",
  fields: [label, vector],
  partitions: ["spring", "autumn", "nothing"],
  properties: keepDeltas,
  steps: [
    { kind: "insert", rows: [0, 40] },
    { kind: "insert", rows: [40, 90], partition: "spring" },
    { kind: "insert", rows: [90, 120], partition: "autumn" },
    { kind: "flush" },
    { kind: "delete", rows: [80, 95], partition: "spring" }, // 90 to 94 lie elsewhere, and stay
    { kind: "flush" },
  ],
};

/** Keys 0 to 9 are deleted, 10 to 19 also written again, each way of it in other keys. */
const rewritten: CollectionSpec = {
  database: "default",
  name: "rewritten",
  keys: "small",
  fields: [label, vector],
  properties: keepDeltas,
  steps: [
    { kind: "insert", rows: [0, 100] },
    { kind: "delete", rows: [0, 10] }, // in the segment that still grows
    { kind: "insert", rows: [5, 10], version: 2 },
    { kind: "upsert", rows: [10, 20], version: 2 },
    { kind: "flush" },
    { kind: "delete", rows: [20, 40] }, // in another segment than the new rows
    { kind: "insert", rows: [20, 30], version: 2 },
    { kind: "upsert", rows: [40, 50], version: 2 },
    { kind: "flush" },
    { kind: "delete", rows: [20, 25] }, // again, with a flush between
    { kind: "flush" },
    { kind: "insert", rows: [20, 25], version: 3 },
    { kind: "flush" },
  ],
};

const empty: CollectionSpec = {
  database: "default",
  name: "empty",
  keys: "small",
  fields: [label, vector],
  description: "never had a row",
  steps: [],
};

const expiring: CollectionSpec = {
  database: "default",
  name: "expiring",
  keys: "small",
  fields: [label, vector],
  properties: { "collection.ttl.seconds": "864000" },
  steps: [{ kind: "insert", rows: [0, 30] }, { kind: "flush" }],
};

const growing: CollectionSpec = {
  database: "default",
  name: "growing",
  keys: "small",
  fields: [label, vector],
  steps: [{ kind: "insert", rows: [0, 50] }, { kind: "flush" }, { kind: "insert", rows: [50, 70] }],
};

const shared: CollectionSpec = {
  database: "default",
  name: "shared",
  keys: "small",
  fields: [label, vector],
  steps: [{ kind: "insert", rows: [0, 25] }, { kind: "flush" }],
};

const sharedElsewhere: CollectionSpec = {
  ...shared,
  database: "second",
  fields: [vector, { name: "price", data_type: DataType.Double }],
  steps: [{ kind: "insert", rows: [10, 50] }, { kind: "flush" }],
};

/** Collections that together have everything Milvus 2.3 knows; some 1,300 rows, filled in seconds. */
export const datasetSpecs: readonly CollectionSpec[] = [
  allTypes,
  textKeys,
  autoIds,
  binaryVectors,
  tenants,
  partitions,
  rewritten,
  empty,
  expiring,
  growing,
  shared,
  sharedElsewhere,
];

/** One of them; of those with one name that of the default database. */
export function specOf(name: string): CollectionSpec {
  const spec = datasetSpecs.find((known) => known.name === name);
  if (spec === undefined) throw new TypeError(`The dataset has no collection ${name}`);
  return spec;
}
