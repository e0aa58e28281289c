import { createHash } from "node:crypto";
import { DataType, type FieldType } from "@zilliz/milvus2-sdk-node";
import type { CollectionSpec, KeyKind } from "./dataset-spec.ts";
import { extremesOf, textExtremes } from "./extreme-values.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Sixteen bytes that look random and are the same every time. */
type Seed = Buffer;

/** The values of one row, a function of nothing but its arguments, in the shape that a read gives them back. */
export function rowOf(spec: CollectionSpec, number: number, version = 1): Row {
  const values = spec.fields.map((field) => {
    const extremes = spec.extremes ? extremesOf(field) : [];
    const value = spec.extremes
      ? extremes[number % extremes.length]
      : valueOf(field, seedOf(field.name, number, version));
    return [field.name, value] as const;
  });
  const key = isAuto(spec.keys) ? {} : { id: keyOf(spec.keys, number) };
  return { ...key, ...Object.fromEntries(values), ...(spec.dynamic && dynamicValues(number, version)) };
}

/** Whether Milvus gives the keys. */
export function isAuto(keys: KeyKind): boolean {
  return keys === "auto" || keys === "auto-text";
}

/** The primary key of a row, an int64 as its decimal digits. */
export function keyOf(keys: KeyKind, number: number): string {
  if (keys === "text") return `key "${number}" ä`;
  if (keys === "small") return String(number);
  if (keys === "extreme-text") return textExtremes(65_535)[number] ?? String(number);
  if (keys === "last") return String(LAST_KEY - BigInt(number));
  if (keys === "extreme") return EXTREME_KEYS[number] ?? String(number);
  const far = 2n ** 60n + BigInt(number); // a double cannot tell two of them apart
  return String(number % 2 === 0 ? far : -far);
}

const LAST_KEY = 2n ** 63n - 1n;
/** No query of Milvus 2.3.5 gives back a row with the last key, although it counts it. */
const EXTREME_KEYS = [-(2n ** 63n), LAST_KEY - 1n, 0n, -1n].map(String);

/**
 * The rows that are live after all steps, by key: what every read must give, whatever Milvus did in between. Rows with
 * ids from Milvus are numbered instead.
 */
export function liveRows(spec: CollectionSpec): Map<string, Row> {
  const live = new Map<number, { version: number; partition: string | undefined }>();
  for (const step of spec.steps) {
    if (step.kind === "flush") continue;
    for (let number = step.rows[0]; number < step.rows[1]; number++) {
      if (step.kind !== "delete") live.set(number, { version: step.version ?? 1, partition: step.partition });
      else if (step.partition === undefined || live.get(number)?.partition === step.partition) live.delete(number);
    }
  }
  return new Map(
    [...live].map(([number, { version }]) => [
      isAuto(spec.keys) ? String(number) : keyOf(spec.keys, number),
      rowOf(spec, number, version),
    ]),
  );
}

function valueOf(field: FieldType, seed: Seed): unknown {
  const type = field.data_type;
  if (field.is_partition_key) return `tenant-${seed.readUInt8() % 10}`;
  if (type === DataType.FloatVector)
    return Array.from({ length: Number(field.dim) }, (_, at) => Math.fround(seed.readInt8(at % seed.length) / 7));
  if (type === DataType.BinaryVector) return [...seed.subarray(0, Number(field.dim) / 8)];
  if (type === DataType.JSON) return { nested: { list: [seed.readInt8(), null, true] }, text: textOf(seed, 200) };
  if (type === DataType.Array) {
    const element = { ...field, data_type: field.element_type } as FieldType;
    return Array.from({ length: seed.readUInt8() % 4 }, (_, at) =>
      scalarOf(element, seedOf(String(at), seed.readInt32LE(), 0)),
    );
  }
  return scalarOf(field, seed);
}

function scalarOf({ data_type, max_length }: FieldType, seed: Seed): unknown {
  switch (data_type) {
    case DataType.Bool:
      return seed.readUInt8() % 2 === 0;
    case DataType.Int8:
      return seed.readInt8();
    case DataType.Int16:
      return seed.readInt16LE();
    case DataType.Int32:
      return seed.readInt32LE();
    case DataType.Int64:
      return String(seed.readBigInt64LE());
    case DataType.Float:
      return Math.fround(seed.readInt32LE() / 1_000);
    case DataType.Double:
      return seed.readInt32LE() / 1_000_003;
    case DataType.VarChar:
      return textOf(seed, Number(max_length));
    default:
      throw new TypeError(`No values for a field of type ${String(data_type)}`);
  }
}

/** From nothing to the longest that fits, with what breaks careless code; max_length counts bytes. */
function textOf(seed: Seed, maxBytes: number): string {
  const words = ["", "plain", 'a "quoted" \\ text', "line\nbreak", "äöü 漢字 😀", "x".repeat(maxBytes)];
  return words[seed.readUInt8() % words.length] ?? "";
}

/** Other keys in other rows, and none in some. */
function dynamicValues(number: number, version: number): Row {
  if (number % 3 === 0) return {};
  if (number % 3 === 1) return { colour: `colour ${number}`, version };
  return { size: number / 4, tags: ["a", number], deep: { er: true } };
}

function seedOf(name: string, number: number, version: number): Seed {
  return createHash("md5").update(`${name} ${number} ${version}`).digest();
}
