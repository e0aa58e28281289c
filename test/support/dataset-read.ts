import { ConsistencyLevelEnum, DataType, LoadState, type MilvusClient } from "@zilliz/milvus2-sdk-node";
import { succeed, withClient } from "./dataset-client.ts";
import type { Row } from "./dataset-rows.ts";

export type { Row };

export interface RowSource {
  readonly database: string;
  readonly collection: string;
  /** All partitions unless told. */
  readonly partition?: string;
}

/** A field of DescribeCollection, as far as reading needs it. */
interface Field {
  readonly name: string;
  readonly data_type: string;
  readonly is_primary_key: boolean;
}

interface Reading {
  readonly client: MilvusClient;
  readonly source: RowSource;
  readonly fields: readonly Field[];
}

const pageRows = 10_000; // Milvus gives 16,384 at most

/**
 * Every live row with all of its fields, dynamic ones too, by primary key; two reads of the same rows are equal by
 * `toEqual`. Loads the collection and adds an index for that where needed, and takes both back afterwards. Throws when
 * the rows are not as many as Milvus counts, so that a short read cannot pass for a loss or hide one.
 */
export async function readRows(address: string, source: RowSource): Promise<Map<string, Row>> {
  return withClient(address, source.database, async (client) => {
    const { schema } = await succeed(client.describeCollection({ collection_name: source.collection }));
    const fields: readonly Field[] = schema.fields;
    const reading = { client, source, fields };
    return whileLoaded(reading, () => readAll(reading));
  });
}

async function readAll({ client, source, fields }: Reading): Promise<Map<string, Row>> {
  const key = fields.find((field) => field.is_primary_key);
  if (key === undefined) throw new Error(`${source.collection} has no primary key`);
  const rows = new Map<string, Row>();
  const expected = await countRows(client, source);
  for (let filter = ""; ;) {
    const page = await query(client, source, { filter, output_fields: ["*"], limit: pageRows });
    for (const row of page) rows.set(String(row[key.name]), normalise(row));
    if (page.length < pageRows) break;
    filter = `${key.name} > ${highestKey(page, key)}`;
  }
  if (rows.size !== expected) throw new Error(`Read ${rows.size} rows of ${source.collection}, which has ${expected}`);
  return rows;
}

/** What Milvus itself counts as live. */
async function countRows(client: MilvusClient, source: RowSource): Promise<number> {
  const [row] = await query(client, source, { filter: "", output_fields: ["count(*)"] });
  return Number(row?.["count(*)"]);
}

async function query(
  client: MilvusClient,
  { collection, partition }: RowSource,
  request: { filter: string; output_fields: string[]; limit?: number },
): Promise<readonly Row[]> {
  const where = { collection_name: collection, ...(partition !== undefined && { partition_names: [partition] }) };
  const { data } = await succeed(
    client.query({ ...where, ...request, consistency_level: ConsistencyLevelEnum.Strong }),
  );
  return data;
}

/** Written as it stands in a filter. A page with a limit holds the lowest keys, in the order of their UTF-8 bytes. */
function highestKey(page: readonly Row[], { name, data_type }: Field): string {
  const keys = page.map((row) => String(row[name]));
  if (data_type === "Int64") return String(keys.map(BigInt).reduce((a, b) => (a > b ? a : b)));
  return JSON.stringify(keys.reduce((a, b) => (Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0 ? a : b)));
}

/** The SDK gives dynamic fields in an object of their own when all fields are asked for, and bytes as Buffers. */
function normalise({ $meta, ...row }: Row): Row {
  const entries = Object.entries({ ...($meta as Row | undefined), ...row }).map(([name, value]) => [
    name,
    Buffer.isBuffer(value) ? [...value] : value,
  ]);
  return Object.fromEntries(entries);
}

async function whileLoaded<T>(reading: Reading, work: () => Promise<T>): Promise<T> {
  const { client, source } = reading;
  const name = { collection_name: source.collection };
  const { state } = await succeed(client.getLoadState(name));
  if (state === LoadState.LoadStateLoaded) return work();
  const vector = await findUnindexedVector(reading);
  const index = vector && {
    ...name,
    field_name: vector.name,
    ...(vector.data_type === DataType[DataType.BinaryVector]
      ? { index_type: "BIN_FLAT", metric_type: "JACCARD" }
      : { index_type: "FLAT", metric_type: "L2" }),
  };
  if (index) await succeed(client.createIndex(index));
  await client.loadCollectionSync(name);
  try {
    return await work();
  } finally {
    await succeed(client.releaseCollection(name));
    if (index) await succeed(client.dropIndex(index));
  }
}

/** Milvus 2.3 has one vector field a collection; it must be indexed before the collection can be loaded. */
async function findUnindexedVector({ client, source, fields }: Reading): Promise<Field | undefined> {
  const reply = await client.describeIndex({ collection_name: source.collection });
  const indexed =
    reply.status.error_code === "Success" ? reply.index_descriptions.map((index) => index.field_name) : [];
  return fields.find((field) => field.data_type.endsWith("Vector") && !indexed.includes(field.name));
}
