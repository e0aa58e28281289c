import { DataType, type FieldType } from "@zilliz/milvus2-sdk-node";

const LARGEST_FLOAT = 3.4028234663852886e38;

/** The ends of every scalar type, and what lies beside zero; integers of 64 bits as their decimal digits. */
const SCALARS: ReadonlyMap<unknown, readonly unknown[]> = new Map<unknown, readonly unknown[]>([
  [DataType.Bool, [true, false]],
  [DataType.Int8, [-128, 127, 0, -1]],
  [DataType.Int16, [-32_768, 32_767, 0, -1]],
  [DataType.Int32, [-(2 ** 31), 2 ** 31 - 1, 0, -1]],
  [DataType.Int64, [String(-(2n ** 63n)), String(2n ** 63n - 1n), "0", "-1", "9007199254740993"]],
  // the largest, the smallest normal one, the smallest of all, and a zero with a sign
  [DataType.Float, [LARGEST_FLOAT, -LARGEST_FLOAT, 2 ** -126, 2 ** -149, -(2 ** -149), -0, 0, Math.fround(0.1)]],
  [DataType.Double, [Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** -1022, Number.MIN_VALUE, -Number.MIN_VALUE, -0, 0.1]],
  // objects only: Milvus 2.3 refuses other JSON
  [
    DataType.JSON,
    [
      {},
      { list: [], text: "", nothing: null },
      { 嵌套: { ключ: ['\u0000\u2028😀\\"', [[null]], { "": "" }] }, "a.b": 1e300 },
    ],
  ],
]);

/** Values of a field that are likely to get lost, in the shape that a read gives them back. */
export function extremesOf(field: FieldType): readonly unknown[] {
  const { data_type: type, max_length, max_capacity, dim } = field;
  switch (type) {
    case DataType.VarChar:
      return textExtremes(Number(max_length));
    case DataType.Array:
      return arrayExtremes(extremesOf({ ...field, data_type: field.element_type } as FieldType), Number(max_capacity));
    case DataType.FloatVector:
      return valuesOf(DataType.Float).map((value) => Array.from({ length: Number(dim) }, () => value));
    case DataType.BinaryVector:
      return [0, 255, 128, 1].map((byte) => Array.from({ length: Number(dim) / 8 }, () => byte));
    default:
      return valuesOf(type);
  }
}

/** Nothing, as many bytes as fit, in one and in several bytes a character, and what breaks careless code. */
export function textExtremes(maxBytes: number): readonly string[] {
  const full = "é".repeat(maxBytes / 2) + "x".repeat(maxBytes % 2);
  return ["", "x".repeat(maxBytes), full, '\u0000\u2028\uFEFF"\\\r\n', "漢😀"];
}

/** Nothing, each extreme alone, all of them, and as many elements as fit; long texts are not repeated. */
function arrayExtremes(elements: readonly unknown[], capacity: number): readonly unknown[] {
  const short = elements.filter((element) => String(element).length < 100);
  const full = Array.from({ length: capacity }, (_, at) => short[at % short.length]);
  return [[], ...elements.map((element) => [element]), elements, full];
}

function valuesOf(type: unknown): readonly unknown[] {
  const values = SCALARS.get(type);
  if (values === undefined) throw new TypeError(`No extremes of type ${String(type)}`);
  return values;
}
