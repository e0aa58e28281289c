import { Buffer } from "node:buffer";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import type { SchemaElement } from "hyparquet";
import { describe, expect, it } from "vitest";
import { countRows, readField } from "../../src/binlog/column.ts";
import { decoderOf } from "../../src/binlog/values.ts";
import type { Value } from "../../src/binlog/values.ts";
import { isBackupError } from "../../src/core/errors.ts";
import { goldenDirectory } from "../support/golden.ts";
import { collect, envelope, int64File, logsIn, memoryLog, parquet, textFile } from "../support/binlog-files.ts";
import type { ParquetParts } from "../support/binlog-files.ts";

const GOLDEN = fileURLToPath(new URL("binlogs", goldenDirectory("v0.5.16")));
const BOOK_SEGMENT = "470664302226309165/470664302226309166/470664302226509184/470664302226509184";

const read = (bytes: Uint8Array, dataType: number, id = 100n): Promise<readonly Value[]> =>
  collect(readField(memoryLog(bytes), { id, decoder: decoderOf(dataType) }));

const field = (element: Omit<SchemaElement, "name">): SchemaElement[] => [
  { name: "schema", num_children: 1 },
  { name: "val", ...element },
];

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

describe("readField()", () => {
  it.each<{ type: string; is: number; as: Omit<SchemaElement, "name">; data: unknown[]; values?: unknown[] }>([
    { type: "Bool", is: 1, as: { type: "BOOLEAN" }, data: [true, false, true] },
    { type: "Int8", is: 2, as: { type: "INT32", converted_type: "INT_8" }, data: [-128, 127] },
    { type: "Int32", is: 4, as: { type: "INT32" }, data: [-(2 ** 31), 2 ** 31 - 1] },
    { type: "Int64", is: 5, as: { type: "INT64" }, data: [-(2n ** 63n), 2n ** 63n - 1n] },
    { type: "Float", is: 10, as: { type: "FLOAT" }, data: [1.5, -0] },
    { type: "Double", is: 11, as: { type: "DOUBLE" }, data: [0.1, 5e-324] },
    { type: "VarChar", is: 21, as: { type: "BYTE_ARRAY", converted_type: "UTF8" }, data: ["", "\uFEFF书"] },
    { type: "JSON", is: 23, as: { type: "BYTE_ARRAY" }, data: [Buffer.from('{"a": 1}')], values: ['{"a": 1}'] },
    { type: "Geometry", is: 24, as: { type: "BYTE_ARRAY" }, data: [bytes(1, 255)] },
    { type: "Array", is: 22, as: { type: "BYTE_ARRAY" }, data: [bytes(26, 3, 10, 1, 7)], values: [[7n]] },
    { type: "BinaryVector", is: 100, as: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 2 }, data: [bytes(0, 255)] },
    {
      type: "FloatVector",
      is: 101,
      as: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 8 },
      data: [floats(1, -2)],
      values: [Float32Array.from([1, -2])],
    },
    { type: "nullable Int64", is: 5, as: { type: "INT64", repetition_type: "OPTIONAL" }, data: [1n, null, 3n] },
    { type: "nullable text", is: 21, as: { type: "BYTE_ARRAY", repetition_type: "OPTIONAL" }, data: [null, "", "a"] },
    { type: "nulls only", is: 5, as: { type: "INT64", repetition_type: "OPTIONAL" }, data: [null, null] },
  ])("decodes $type", async ({ is, as, data, values = data }) => {
    const file = parquet([{ name: "val", data }], { schema: field({ repetition_type: "REQUIRED", ...as }) });
    expect(await read(envelope({ payloads: [file] }), is)).toEqual(values);
  });

  it.each<[string, ParquetParts]>([
    ["snappy", { codec: "SNAPPY" }],
    ["small pages", { pageSize: 100 }],
    ["several row groups", { rowGroupSize: 7 }],
  ])("reads keys and repeated text with %s", async (_, parts) => {
    const keys = Array.from({ length: 100 }, (__, index) => BigInt(index) * 3n);
    const words = keys.map((key) => `word ${key % 5n}`);
    expect(await read(envelope({ payloads: [int64File(keys, parts)] }), 5)).toEqual(keys);
    expect(await read(envelope({ payloads: [textFile(words, parts)] }), 21)).toEqual(words);
  });

  it("reads the events of a log one after another", async () => {
    const log = envelope({ payloads: [int64File([1n]), int64File([2n, 3n])] });
    expect(await read(log, 5)).toEqual([1n, 2n, 3n]);
    expect(await countRows(memoryLog(log))).toBe(3);
  });

  it("finds a field of a packed file by its id, or by a name that is the id", async () => {
    const schema: SchemaElement[] = [
      { name: "schema", num_children: 3 },
      { name: "ts", type: "INT64", repetition_type: "REQUIRED", field_id: 1 },
      { name: "100", type: "INT64", repetition_type: "REQUIRED" },
      { name: "101", type: "INT64", repetition_type: "REQUIRED", field_id: 102 },
    ];
    const data = [10n, 20n, 30n].map((value) => BigInt64Array.from([value]));
    const file = parquet(
      ["ts", "100", "101"].map((name, index) => ({ name, data: data[index] ?? [] })),
      { schema },
    );
    expect(await Promise.all([1n, 100n, 102n].map((id) => read(file, 5, id)))).toEqual([[10n], [20n], [30n]]);
    await expect(read(file, 5, 101n)).rejects.toMatchObject({ code: "damaged" });
  });

  it("refuses a column of another type, and a data type that it does not know", async () => {
    const log = envelope({ payloads: [int64File([1n])] });
    await expect(read(log, 21)).rejects.toThrow(
      'Cannot read the log "log" at byte 124: its column is INT64, not BYTE_ARRAY',
    );
    expect(() => decoderOf(106)).toThrow("Cannot read rows of data type 106");
  });

  it("names the page that does not decode", async () => {
    const log = envelope({ payloads: [textFile(["ab"])] });
    const at = Buffer.from(log).indexOf("ab");
    log[at] = 0xff;
    await expect(read(log, 21)).rejects.toMatchObject({ code: "damaged", facts: { log: "log", offset: 87 + 33 + 4 } });
  });
});

describe("countRows()", () => {
  it("reads the two ends of a large log", async () => {
    const values = Array.from({ length: 100_000 }, (_, index) => BigInt(index));
    const log = memoryLog(envelope({ payloads: [int64File(values)] }));
    expect(await countRows(log)).toBe(100_000);
    const asked = log.spans.reduce((total, { start, end }) => total + end - start, 0);
    expect({ isLarge: log.bytes > 500_000, reads: log.spans.length, readsLittle: asked < 100_000 }).toEqual({
      isLarge: true,
      reads: 2,
      readsLittle: true,
    });
  });

  it("refuses a footer that contradicts itself", async () => {
    const log = envelope({ payloads: [parquet([{ name: "a", data: [1n] }], { rowGroupSize: 1 })] });
    const at = Buffer.from(log).lastIndexOf(Buffer.from("hyparquet"));
    expect(at).toBeGreaterThan(0);
    await expect(countRows(memoryLog(log.fill(0, at - 40, at)))).rejects.toMatchObject({ code: "damaged" });
  });
});

describe("a damaged log", () => {
  const golden = [0, 100, 101, 104, 108, 109, 110].flatMap((id) =>
    logsIn(join(GOLDEN, `insert_log/${BOOK_SEGMENT}/${id}`)),
  );
  const typeOf: Readonly<Record<string, number>> = { 0: 5, 100: 5, 101: 21, 104: 1, 108: 23, 109: 22, 110: 101 };
  const logs = golden.map((source) => ({ source, dataType: typeOf[source.name.split("/").at(-2) ?? ""] ?? 0 }));

  it("that is cut off anywhere is damaged", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...logs), fc.double({ min: 0, max: 0.9999, noNaN: true }), async (log, part) => {
        const whole = await collectBytes(log.source);
        expect(await outcome(whole.subarray(0, Math.floor(whole.length * part)), log.dataType)).toBe("damaged");
      }),
      { numRuns: 200 },
    );
  });

  it("with flipped bits is read or damaged, never anything else", async () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...logs), flips, async (log, changes) => {
        const flipped = await collectBytes(log.source);
        for (const [at, bit] of changes)
          flipped[at % flipped.length] = (flipped[at % flipped.length] ?? 0) ^ (1 << bit);
        expect(["read", "damaged"]).toContain(await outcome(flipped, log.dataType));
      }),
      { numRuns: 400 },
    );
  });

  it("with flipped bits in V2 pages is read or damaged, never anything else", async () => {
    const keys = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? null : BigInt(index)));
    const schema = field({ type: "INT64", repetition_type: "OPTIONAL" });
    const log = envelope({ payloads: [parquet([{ name: "val", data: keys }], { schema, pageSize: 200 })] });
    await fc.assert(
      fc.asyncProperty(fc.nat(log.length - 1), fc.nat(7), async (at, bit) => {
        const flipped = Uint8Array.from(log);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        expect(["read", "damaged"]).toContain(await outcome(flipped, 5));
      }),
      { numRuns: 400 },
    );
  });
});

/** "read" or the code of the BackupError; anything else is thrown. */
async function outcome(log: Uint8Array, dataType: number): Promise<string> {
  try {
    await countRows(memoryLog(log));
    await read(log, dataType);
    return "read";
  } catch (error) {
    if (isBackupError(error)) return error.code;
    throw error;
  }
}

async function collectBytes(source: {
  bytes: number;
  read(span: { start: number; end: number }): AsyncIterable<Uint8Array>;
}): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.read({ start: 0, end: source.bytes })) chunks.push(chunk);
  return Uint8Array.from(Buffer.concat(chunks));
}
