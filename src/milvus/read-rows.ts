import { Buffer } from "node:buffer";
import type { WireFieldData } from "./rpc.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionRef, MilvusCall } from "./types.ts";

/** A key as it stands in an expression. */
type Key = bigint | string;

export interface KeysQuery extends CollectionRef {
  readonly keyField: string;
  readonly keys: readonly Key[];
}

/** The rows with these keys, deletes applied, a text for each field: two texts are equal when the values are. */
export async function readRows(
  milvus: MilvusSession,
  { database, collection, keyField, keys }: KeysQuery,
  call: MilvusCall = {},
): Promise<readonly ReadonlyMap<string, string>[]> {
  const list = keys.map((key) => (typeof key === "bigint" ? key.toString() : JSON.stringify(key))).join(",");
  const request = {
    collection_name: collection,
    expr: `${keyField} in [${list}]`,
    output_fields: ["*"],
    partition_names: [],
    consistency_level: STRONG,
  };
  const { reply } = await milvus.send("Query", request, { ...call, database });
  const columns = reply.fields_data.map((data) => [data.field_name, columnOf(data)] as const);
  const count = columns.find(([name]) => name === keyField)?.[1].length ?? 0;
  return Array.from(
    { length: count },
    (_, row) => new Map(columns.map(([name, values]) => [name, values[row] ?? NULL])),
  );
}

const STRONG = 0;

/** What no value's text is. */
export const NULL = "null";

/** A value that is written in the same way whether it comes out of a log or from a server. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return NULL;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (value instanceof Float32Array) return `vector ${value.join(",")}`;
  if (Array.isArray(value)) return `list ${value.map(textOf).join(" ")}`;
  if (typeof value === "string") return JSON.stringify(value);
  return Object.is(value, -0) ? "0" : String(value);
}

function columnOf(data: WireFieldData): readonly string[] {
  const values = data.vectors ? vectorsOf(data.vectors) : scalarsOf(data.scalars ?? null);
  const { valid_data: valid } = data;
  if (valid.length === 0) return values;
  const isDense = values.length === valid.length;
  let next = 0;
  return valid.map((isThere, row) => (isThere ? (values[isDense ? row : next++] ?? NULL) : NULL));
}

type Scalars = NonNullable<WireFieldData["scalars"]>;

/** How the values of each kind are written; of all these lists one is there. */
const SCALAR_TEXTS: {
  readonly [Kind in keyof Scalars]-?: (value: NonNullable<Scalars[Kind]>["data"][number]) => string;
} = {
  bool_data: textOf,
  int_data: textOf,
  long_data: (value) => value, // in decimal already
  float_data: textOf,
  double_data: textOf,
  string_data: textOf,
  bytes_data: textOf,
  json_data: (value) => textOf(Buffer.from(value).toString("utf8")),
  array_data: (value) => `list ${scalarsOf(value).join(" ")}`,
};

function scalarsOf(scalars: Scalars | null): readonly string[] {
  for (const [kind, text] of Object.entries(SCALAR_TEXTS)) {
    const list = scalars?.[kind as keyof Scalars]; // a key of the table above
    if (list) return list.data.map((value) => (text as (value: unknown) => string)(value)); // of this very kind
  }
  return [];
}

const BITS_A_BYTE = 8;

function vectorsOf(vectors: NonNullable<WireFieldData["vectors"]>): readonly string[] {
  const dim = Number(vectors.dim);
  const { float_vector: floats, sparse_float_vector: sparse } = vectors;
  if (floats) return slices(Float32Array.from(floats.data), dim).map(textOf);
  if (sparse) return sparse.contents.map(textOf);
  const { binary_vector: bits, float16_vector: half, bfloat16_vector: brain, int8_vector: int8 } = vectors;
  if (bits && bits.length > 0) return slices(Uint8Array.from(bits), dim / BITS_A_BYTE).map(textOf);
  const twoBytes = half && half.length > 0 ? half : brain;
  if (twoBytes && twoBytes.length > 0) return slices(Uint8Array.from(twoBytes), dim * 2).map(textOf);
  return int8 ? slices(Uint8Array.from(int8), dim).map(textOf) : [];
}

function slices<T extends Float32Array | Uint8Array>(all: T, size: number): readonly T[] {
  const count = size > 0 ? all.length / size : 0;
  return Array.from({ length: count }, (_, index) => all.slice(index * size, (index + 1) * size) as T); // of a T
}
