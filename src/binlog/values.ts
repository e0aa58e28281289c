import type { ParquetType } from "hyparquet";
import { BackupError } from "../core/errors.ts";
import { decodeScalarArray, decodeText } from "./scalar-array.ts";
import type { ScalarArray } from "./scalar-array.ts";

/**
 * A field's value as a log keeps it. Int64 and Timestamptz are bigint; JSON is its text; a float vector is a
 * Float32Array; other vectors and Geometry are bytes. Null only where the field is nullable (Milvus 2.5).
 */
export type Value = boolean | number | bigint | string | Uint8Array | Float32Array | ScalarArray | null;

export type PrimaryKey = bigint | string;

/** How one schema.DataType comes out of parquet. */
export interface Decoder<T> {
  readonly physical: readonly ParquetType[];
  /** Throws when the value is not of the physical type. */
  decode(value: unknown): T;
}

export const int64: Decoder<bigint> = { physical: ["INT64"], decode: (value) => expectType(value, "bigint") };
export const text: Decoder<string> = { physical: ["BYTE_ARRAY"], decode: (value) => decodeText(toBytes(value)) };

const bool: Decoder<boolean> = { physical: ["BOOLEAN"], decode: (value) => expectType(value, "boolean") };
const int32: Decoder<number> = { physical: ["INT32"], decode: (value) => expectType(value, "number") };
const float: Decoder<number> = { physical: ["FLOAT"], decode: (value) => expectType(value, "number") };
const double: Decoder<number> = { physical: ["DOUBLE"], decode: (value) => expectType(value, "number") };
const array: Decoder<ScalarArray> = {
  physical: ["BYTE_ARRAY"],
  decode: (value) => decodeScalarArray(toBytes(value)),
};
/** Nullable vectors are written with variable length. */
const bytes: Decoder<Uint8Array> = { physical: ["FIXED_LEN_BYTE_ARRAY", "BYTE_ARRAY"], decode: toBytes };
const floatVector: Decoder<Float32Array> = {
  physical: ["FIXED_LEN_BYTE_ARRAY", "BYTE_ARRAY"],
  decode: (value) => new Float32Array(toBytes(value).slice().buffer),
};

/** By schema.DataType, by its number in Milvus's proto. */
const DECODERS: Readonly<Record<number, Decoder<Value>>> = {
  1: bool,
  2: int32, // Int8
  3: int32, // Int16
  4: int32,
  5: int64,
  10: float,
  11: double,
  20: text, // String
  21: text, // VarChar
  22: array,
  23: text, // JSON, also the dynamic field
  24: bytes, // Geometry
  25: text,
  26: int64, // Timestamptz
  100: bytes, // BinaryVector
  101: floatVector,
  102: bytes, // Float16Vector
  103: bytes, // BFloat16Vector
  104: bytes, // SparseFloatVector
  105: bytes, // Int8Vector
};

/** The decoder of a field's type; BackupError "failed" for one that we cannot read. */
export function decoderOf(dataType: number): Decoder<Value> {
  const decoder = DECODERS[dataType];
  if (decoder === undefined) throw new BackupError("failed", `Cannot read rows of data type ${dataType}`);
  return decoder;
}

/** The decoder of a primary key: Int64 (5) or VarChar (21). */
export function keyDecoderOf(dataType: number): Decoder<PrimaryKey> {
  if (dataType === 5) return int64;
  if (dataType === 21) return text;
  throw new TypeError(`A primary key cannot have data type ${dataType}`);
}

interface Primitives {
  bigint: bigint;
  boolean: boolean;
  number: number;
}

function isType<K extends keyof Primitives>(value: unknown, type: K): value is Primitives[K] {
  return typeof value === type;
}

function expectType<K extends keyof Primitives>(value: unknown, type: K): Primitives[K] {
  if (!isType(value, type)) throw new Error(`a value is ${typeof value}, not ${type}`);
  return value;
}

function toBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error(`a value is ${typeof value}, not bytes`);
  return value;
}
