import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countLiveRows } from "../../src/binlog/live-rows.ts";
import type { LiveRows } from "../../src/binlog/live-rows.ts";
import type { LogSource } from "../../src/binlog/log-source.ts";
import { goldenDirectory } from "../support/golden.ts";
import { envelope, int64File, logsIn, memoryLog, textFile } from "../support/binlog-files.ts";

const GOLDEN = fileURLToPath(goldenDirectory("v0.5.16"));
const INT64_KEY = { id: 100n, dataType: 5 };
const VARCHAR_KEY = { id: 100n, dataType: 21 };

const int64Log = (values: readonly bigint[], name = "log"): ReturnType<typeof memoryLog> =>
  memoryLog(envelope({ payloads: [int64File(values, { pageSize: 64 })] }), name);
const deltaLog = (deletions: readonly (readonly [bigint, bigint])[]): LogSource =>
  memoryLog(envelope({ kind: "delete", payloads: [textFile(deletions.map(([key, time]) => `${key},${time}`))] }));

/** By row: key and time. */
type Rows = readonly (readonly [bigint, bigint])[];

function count(rows: readonly Rows[], deletions: readonly (readonly [bigint, bigint])[]): Promise<LiveRows> {
  return countLiveRows({
    primaryKey: INT64_KEY,
    primaryKeys: rows.map((log) => int64Log(log.map(([key]) => key))),
    timestamps: rows.map((log) => int64Log(log.map(([, time]) => time))),
    deltas: deletions.length === 0 ? [] : [deltaLog(deletions)],
  });
}

describe("countLiveRows()", () => {
  it("counts every segment of a golden backup as its meta does", async () => {
    const text = readFileSync(join(GOLDEN, "meta/segment_meta.json"), "utf8").replaceAll(/:(\d{16,})/g, ':"$1"');
    const { infos } = JSON.parse(text);
    const totals = new Map<string, LiveRows>();
    for (const { collection_id, partition_id, segment_id, group_id, num_of_rows } of infos) {
      const logs = (kind: string, field = ""): readonly LogSource[] =>
        logsIn(join(GOLDEN, "binlogs", kind, collection_id, partition_id, group_id, segment_id, field));
      const found = await countLiveRows({
        primaryKey: collection_id === "470664302226709251" ? VARCHAR_KEY : INT64_KEY,
        primaryKeys: logs("insert_log", "100"),
        timestamps: logs("insert_log", "1"),
        deltas: logs("delta_log"),
      });
      expect(found.rows).toBe(num_of_rows);
      const { rows, deleted, live } = totals.get(collection_id) ?? { rows: 0, deleted: 0, live: 0 };
      totals.set(collection_id, { rows: rows + found.rows, deleted: deleted + found.deleted, live: live + found.live });
    }
    expect(Object.fromEntries(totals)).toEqual({
      "470664302226309165": { rows: 2000, deleted: 150, live: 1850 }, // default.book
      "470664302226709251": { rows: 1000, deleted: 0, live: 1000 }, // default.users
      "470664302226709337": { rows: 1000, deleted: 0, live: 1000 }, // default.auto
      "470664302226709380": { rows: 100, deleted: 0, live: 100 }, // db1.book
    });
  });

  it("keeps a row written at the time of the deletion, as an upsert writes it, and rows written after it", async () => {
    const rows: Rows = [
      [1n, 10n],
      [1n, 20n],
      [1n, 30n],
      [2n, 10n],
    ];
    expect(await count([rows], [[1n, 20n]])).toEqual({ rows: 4, deleted: 1, live: 3 });
  });

  it("counts as a row-by-row comparison does, however rows are spread over logs and pages", async () => {
    const row = fc.tuple(fc.bigInt({ min: 0n, max: 8n }), fc.bigInt({ min: 0n, max: 9n }));
    const logs = fc.array(fc.array(row, { minLength: 1, maxLength: 40 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(logs, fc.array(row, { maxLength: 10 }), async (rows, deletions) => {
        const all = rows.flat();
        const gone = all.filter(([key, time]) =>
          deletions.some(([deletedKey, at]) => deletedKey === key && at > time),
        ).length;
        expect(await count(rows, deletions)).toEqual({ rows: all.length, deleted: gone, live: all.length - gone });
      }),
      { numRuns: 60 },
    );
  });

  it("counts text keys, and deletions from other segments", async () => {
    const keys = memoryLog(envelope({ payloads: [textFile(["", "\uFEFFa", "a", "5"])] }));
    const deleted = [
      new Map([
        ["a", 11n],
        ["5", 10n],
      ]),
      new Map([["\uFEFFa", 99n]]),
    ];
    const logs = { primaryKeys: [keys], timestamps: [int64Log([10n, 10n, 10n, 10n])], deltas: [] };
    expect(await countLiveRows({ primaryKey: VARCHAR_KEY, ...logs, deleted })).toEqual({
      rows: 4,
      deleted: 2,
      live: 2,
    });
  });

  it("takes the rows from the footers where nothing was deleted", async () => {
    const timestamps = int64Log([], "never read");
    const logs = {
      primaryKeys: [int64Log([1n, 2n]), int64Log([3n])],
      timestamps: [timestamps],
      deltas: [deltaLog([])],
    };
    const found = await countLiveRows({ primaryKey: INT64_KEY, ...logs, deleted: [new Map()] });
    expect({ found, spans: timestamps.spans }).toEqual({ found: { rows: 3, deleted: 0, live: 3 }, spans: [] });
  });

  it("refuses keys and timestamps that differ in rows or in logs", async () => {
    const deltas = [deltaLog([[1n, 1n]])];
    const logs = { primaryKeys: [int64Log([1n, 2n], "keys")], deltas, primaryKey: INT64_KEY };
    await expect(countLiveRows({ ...logs, timestamps: [int64Log([1n], "times")] })).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining('it has fewer rows than "keys"'),
    });
    await expect(countLiveRows({ ...logs, timestamps: [] })).rejects.toMatchObject({
      code: "damaged",
      message: "Cannot read the rows of a segment, whose fields differ in logs: field 100 has 1, field 1 has 0",
    });
  });

  it("stops when it is aborted", async () => {
    const signal = AbortSignal.abort(new Error("stop"));
    const logs = { primaryKeys: [int64Log([1n])], timestamps: [], deltas: [] };
    await expect(countLiveRows({ primaryKey: INT64_KEY, ...logs, signal })).rejects.toThrow("stop");
  });
});
