import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDeletion, readDeletedKeys, readDeletions } from "../../src/binlog/deletes.ts";
import type { Deletion } from "../../src/binlog/deletes.ts";
import { goldenDirectory } from "../support/golden.ts";
import { collect, envelope, logsIn, memoryLog, parquet, textFile } from "../support/binlog-files.ts";

const GOLDEN = fileURLToPath(new URL("binlogs", goldenDirectory("v0.5.16")));
const INT64 = 5;
const VARCHAR = 21;

const textLog = (entries: readonly string[]): Uint8Array => envelope({ kind: "delete", payloads: [textFile(entries)] });
const read = (log: Uint8Array, keyType: number): Promise<readonly Deletion[]> =>
  collect(readDeletions(memoryLog(log), { keyType }));

describe("readDeletions()", () => {
  it("reads the delta log of a golden backup", async () => {
    const [log] = logsIn(
      join(GOLDEN, "delta_log/470664302226309165/470664302226309171/470664302226509186/470664302226509186"),
    );
    if (log === undefined) throw new Error("the golden backup has no delta log");
    const deletions = await collect(readDeletions(log, { keyType: INT64 }));
    expect(deletions.toSorted((a, b) => Number(a.key) - Number(b.key))).toEqual(
      Array.from({ length: 50 }, (_, index) => ({ key: 1000n + BigInt(index), timestamp: 470664306387320833n })),
    );
  });

  it("reads the text of Milvus 2.0 and the JSON after it from one log", async () => {
    const log = textLog(["-5,449000000000000001", '{"pk":9223372036854775807,"ts":18446744073709551615,"pkType":5}']);
    expect(await read(log, INT64)).toEqual([
      { key: -5n, timestamp: 449000000000000001n },
      { key: 9223372036854775807n, timestamp: 18446744073709551615n },
    ]);
  });

  it.each([
    { keyType: INT64, type: "INT64" as const, keys: [7n, -8n] },
    { keyType: VARCHAR, type: "STRING" as const, keys: ["7", ""] },
  ])("reads two columns with $type keys, in an envelope and bare", async ({ keyType, type, keys }) => {
    const file = parquet([
      { name: "pk", data: keys, type },
      { name: "ts", data: BigInt64Array.from([1n, 2n]), type: "INT64" },
    ]);
    const deletions = keys.map((key, index) => ({ key, timestamp: BigInt(index + 1) }));
    const log = envelope({ kind: "delete", extras: { version: "MULTI_FIELD" }, payloads: [file] });
    expect([await read(log, keyType), await read(file, keyType)]).toEqual([deletions, deletions]);
  });

  it("refuses keys of another type and insert logs", async () => {
    await expect(read(textLog(['{"pk":"5","ts":1,"pkType":21}']), INT64)).rejects.toMatchObject({
      code: "damaged",
      facts: { log: "log", offset: 87 + 33 + 4 },
    });
    await expect(read(envelope({ payloads: [textFile(["5,1"])] }), INT64)).rejects.toMatchObject({ code: "damaged" });
  });
});

describe("parseDeletion()", () => {
  it("reads back every key and time, in any order and spacing", () => {
    const entries = fc.record({
      key: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.string({ unit: "binary" })),
      timestamp: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      space: fc.constantFrom("", " "),
      isSwapped: fc.boolean(),
    });
    fc.assert(
      fc.property(entries, ({ key, timestamp, space, isSwapped }) => {
        const isInteger = typeof key === "bigint";
        const pair = [`"pk":${space}${isInteger ? key : JSON.stringify(key)}`, `"ts":${space}${timestamp}`];
        const keyType = isInteger ? INT64 : VARCHAR;
        const entry = `{${[...(isSwapped ? pair.toReversed() : pair), `"pkType":${keyType}`].join(`,${space}`)}}`;
        expect(parseDeletion(entry, keyType)).toEqual({ key, timestamp });
      }),
    );
  });

  it("keeps text keys that look like something else", () => {
    const keys = ["5", '{"pk":1}', "1,2", 'a"b\\', "\u2028<&>", "x".repeat(65_535)];
    const entries = keys.map((key) => parseDeletion(`{"pk":${JSON.stringify(key)},"ts":1,"pkType":21}`, VARCHAR).key);
    expect(entries).toEqual(keys);
  });

  it.each([
    "",
    "5",
    "5,",
    "a,1",
    "{}",
    "[1]",
    "null",
    '{"pk":5,"ts":1}',
    '{"pk":1.5,"ts":1,"pkType":5}',
    '{"pk":5,"ts":"x","pkType":5}',
  ])("throws for %j", (entry) => {
    expect(() => parseDeletion(entry, INT64)).toThrow();
  });
});

it("readDeletedKeys() keeps the last deletion of each key, over all logs", async () => {
  const logs = [["1,10", "2,20"], ["1,5", "2,30", "3,1"], []].map((entries) => memoryLog(textLog(entries)));
  const deleted = await readDeletedKeys(logs, { keyType: INT64 });
  expect(deleted).toEqual(
    new Map([
      [1n, 10n],
      [2n, 30n],
      [3n, 1n],
    ]),
  );
});
