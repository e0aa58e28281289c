import { DataType, type FieldType } from "@zilliz/milvus2-sdk-node";
import type { CollectionSpec, DataStep } from "./dataset-spec.ts";

const DESCRIPTION = 'She said: "it\'s\n\ta `test`" \\ \u0000 <b>&amp;</b> \u2028 漢字 😀 %s ${HOME}';

const vector: FieldType = { name: "vector", data_type: DataType.FloatVector, dim: 32 };
const label: FieldType = { name: "label", data_type: DataType.VarChar, max_length: 200 };

/** Compaction would do away with rows and deletes while a test looks at them. */
const stayPut = { "collection.autocompaction.enabled": "false" };

function rows(count: number): readonly DataStep[] {
  return [{ kind: "insert", rows: [0, count] }, { kind: "flush" }];
}

const ELEMENTS = {
  bools: DataType.Bool,
  int8s: DataType.Int8,
  int16s: DataType.Int16,
  int32s: DataType.Int32,
  int64s: DataType.Int64,
  floats: DataType.Float,
  doubles: DataType.Double,
  texts: DataType.VarChar,
} as const;

const scalars: readonly FieldType[] = [
  { name: "flag", data_type: DataType.Bool },
  { name: "tiny", data_type: DataType.Int8 },
  { name: "short", data_type: DataType.Int16 },
  { name: "medium", data_type: DataType.Int32 },
  { name: "long", data_type: DataType.Int64 },
  { name: "single", data_type: DataType.Float },
  { name: "double", data_type: DataType.Double },
  { name: "text", data_type: DataType.VarChar, max_length: 65_535 },
  { name: "json", data_type: DataType.JSON },
];

const arrays: readonly FieldType[] = Object.entries(ELEMENTS).map(([name, element_type]) => ({
  name,
  data_type: DataType.Array,
  element_type,
  max_capacity: 4_096, // the most that 2.3 allows
  ...(element_type === DataType.VarChar && { max_length: 65_535 }),
}));

/**
 * Every type at its ends, keys too; its description is as hard as its rows. Without a dynamic field, since the SDK then
 * writes -0 as 0.
 */
export const extremes: CollectionSpec = {
  database: "default",
  name: "extremes",
  keys: "extreme",
  fields: [...scalars, ...arrays, vector].map((field) => ({ ...field, description: `${field.name}: ${DESCRIPTION}` })),
  description: DESCRIPTION,
  extremes: true,
  consistency: "Customized",
  properties: { "mmap.enabled": "true", "collection.ttl.seconds": "864000", "of.our.own": DESCRIPTION },
  indexes: [
    { field: "vector", name: "flat", type: "FLAT", metric: "L2" },
    { field: "text", name: "by_text", type: "Trie" },
    { field: "long", type: "STL_SORT" },
  ],
  aliases: ["extremes_1", "extremes_2", "extremes_3"],
  steps: rows(12),
};

/** Keys of nothing and of 65,535 bytes; bits. */
const extremeKeys: CollectionSpec = {
  database: "default",
  name: "extreme_keys",
  keys: "extreme-text",
  fields: [{ name: "bits", data_type: DataType.BinaryVector, dim: 32_768 }],
  extremes: true,
  consistency: "Eventually",
  indexes: [{ field: "bits", type: "BIN_IVF_FLAT", metric: "HAMMING", params: { nlist: 2 } }],
  steps: rows(8),
};

const manyFields: CollectionSpec = {
  database: "default",
  name: "many_fields",
  keys: "small",
  // 62 of them, with the key and the vector 64, which is the most that 2.3 allows
  fields: [
    vector,
    ...Array.from({ length: 62 }, (_, at): FieldType => {
      const like = scalars[at % scalars.length] ?? label;
      return { ...like, name: `${like.name}_${at}`, ...(like.data_type === DataType.VarChar && { max_length: 100 }) };
    }),
  ],
  consistency: "Strong",
  indexes: [{ field: "vector", type: "HNSW", metric: "IP", params: { M: 8, efConstruction: 64 } }],
  steps: rows(10),
};

const manyShards: CollectionSpec = {
  database: "default",
  name: "many_shards",
  keys: "wide",
  fields: [label, vector],
  shards: 16, // the most that 2.3 allows
  dynamic: true,
  consistency: "Session",
  indexes: [{ field: "vector", type: "IVF_PQ", metric: "L2", params: { nlist: 4, m: 4, nbits: 8 } }],
  steps: rows(400),
};

const PARTITIONS = Array.from({ length: 199 }, (_, at) => `p${at}`); // and _default

/** 200 partitions, rows in three. */
export const manyPartitions: CollectionSpec = {
  database: "default",
  name: "many_partitions",
  keys: "small",
  fields: [label, vector],
  partitions: PARTITIONS,
  indexes: [{ field: "vector", type: "IVF_FLAT", metric: "COSINE", params: { nlist: 4 } }],
  steps: [
    { kind: "insert", rows: [0, 10] },
    { kind: "insert", rows: [10, 30], partition: "p0" },
    { kind: "insert", rows: [30, 60], partition: "p198" },
    { kind: "flush" },
  ],
};

/** 200 partitions, rows in each. */
export const filledPartitions: CollectionSpec = {
  ...manyPartitions,
  name: "filled_partitions",
  steps: [
    { kind: "insert", rows: [0, 5] },
    ...PARTITIONS.map((partition, at): DataStep => ({ kind: "insert", rows: [5 * (at + 1), 5 * (at + 2)], partition })),
    { kind: "flush" },
  ],
};

const autoIds: CollectionSpec = {
  database: "default",
  name: "auto_ids",
  keys: "auto",
  fields: [label, vector],
  indexes: [{ field: "vector", type: "IVF_SQ8", metric: "L2", params: { nlist: 4 } }],
  steps: rows(50),
};

const autoTextIds: CollectionSpec = {
  ...autoIds,
  name: "auto_text_ids",
  keys: "auto-text",
  indexes: [{ field: "vector", type: "SCANN", metric: "L2", params: { nlist: 4, with_raw_data: true } }],
};

const tenants: CollectionSpec = {
  database: "default",
  name: "tenants",
  keys: "text",
  fields: [{ name: "tenant", data_type: DataType.VarChar, max_length: 20, is_partition_key: true }, vector],
  partitionCount: 64,
  indexes: [{ field: "vector", type: "AUTOINDEX", metric: "L2" }],
  steps: rows(3), // a partition each at most
};

/** Never had a row, so that nothing has to be imported or built. */
const onDisk: CollectionSpec = {
  database: "default",
  name: "on_disk",
  keys: "small",
  fields: [label, vector],
  indexes: [{ field: "vector", type: "DISKANN", metric: "L2" }],
  steps: [],
};

/** What Milvus 2.3 can express, at its limits. */
export const fidelitySpecs: readonly CollectionSpec[] = [
  extremes,
  extremeKeys,
  manyFields,
  manyShards,
  manyPartitions,
  autoIds,
  autoTextIds,
  tenants,
  onDisk,
];

/** Its time to live is set to a second when its rows are older than that. */
export const expired: CollectionSpec = {
  database: "default",
  name: "expired",
  keys: "small",
  fields: [label, vector],
  properties: stayPut,
  steps: rows(30),
};

/** A row that has to be read from the disk. */
export const lastKey: CollectionSpec = {
  database: "default",
  name: "last_key",
  keys: "last",
  fields: [label, vector],
  steps: rows(1),
};

/** Where JSON is written and read as text. */
export const texts: CollectionSpec = {
  database: "default",
  name: "texts",
  keys: "small",
  fields: [
    { name: "json", data_type: DataType.JSON },
    { name: "vector", data_type: DataType.FloatVector, dim: 2 },
  ],
  dynamic: true,
  indexes: [{ field: "vector", type: "FLAT", metric: "L2" }],
  steps: [],
};

/** Every type, so many times that segments, batches and pages come to their ends. */
export const manyRows: CollectionSpec = {
  ...extremes,
  name: "many_rows",
  keys: "wide",
  dynamic: true,
  extremes: false,
  fields: [...scalars, ...arrays, vector].map((field) => ({
    ...field,
    ...(field.max_length !== undefined && { max_length: 200 }),
  })),
  aliases: [],
  steps: [
    { kind: "insert", rows: [0, 60_000] },
    { kind: "flush" },
    { kind: "insert", rows: [60_000, 100_000] },
    { kind: "upsert", rows: [0, 1_000], version: 2 },
    { kind: "delete", rows: [50_000, 52_000] },
    { kind: "flush" },
  ],
};
