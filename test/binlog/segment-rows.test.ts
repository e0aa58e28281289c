import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readSegmentRows } from "../../src/binlog/segment-rows.ts";
import type { Row, RowField } from "../../src/binlog/segment-rows.ts";
import { goldenDirectory } from "../support/golden.ts";
import { collect, envelope, int64File, logsIn, memoryLog } from "../support/binlog-files.ts";

const GOLDEN = fileURLToPath(new URL("binlogs/insert_log", goldenDirectory("v0.5.16")));

/** Fields written as [id, name, data type]. */
function readGolden(segment: string, fields: readonly (readonly [bigint, string, number])[]): Promise<readonly Row[]> {
  return collect(
    readSegmentRows({
      fields: fields.map(([id, name, dataType]) => ({ id, name, dataType })),
      logsOf: ({ id }) => logsIn(join(GOLDEN, segment, String(id))),
    }),
  );
}

it("readSegmentRows() reads every field type of a golden segment", async () => {
  const rows = await readGolden("470664302226309165/470664302226309166/470664302226509184/470664302226509184", [
    [0n, "RowID", 5],
    [1n, "Timestamp", 5],
    [100n, "id", 5],
    [101n, "title", 21],
    [102n, "pages", 4],
    [103n, "score", 10],
    [104n, "ok", 1],
    [105n, "d", 11],
    [106n, "i8", 2],
    [107n, "i16", 3],
    [108n, "meta", 23],
    [109n, "tags", 22],
    [111n, "$meta", 23],
  ]);
  expect(rows).toEqual(
    Array.from({ length: 1000 }, (_, index) => ({
      RowID: 470664302226309180n + BigInt(index),
      Timestamp: 470664304329752579n,
      id: BigInt(index),
      title: `t${index} 书 "q" <>&`,
      pages: index % 300,
      score: Math.fround(index / 7),
      ok: index % 2 === 0,
      d: index / 3,
      i8: index % 127,
      i16: index,
      meta: `{"k":${index},"s":"é"}`,
      tags: [BigInt(index), BigInt(index) + 1n],
      $meta: `{"dyn":${index},"dyn2":"d${index}"}`,
    })),
  );
});

it("readSegmentRows() reads float and binary vectors", async () => {
  const [book] = await readGolden("470664302226309165/470664302226309166/470664302226509184/470664302226509184", [
    [110n, "vec", 101],
  ]);
  const [user] = await readGolden("470664302226709251/470664302226709258/470664302226709276/470664302226709276", [
    [100n, "uid", 21],
    [101n, "tenant", 21],
    [102n, "bv", 100],
  ]);
  const { vec } = book ?? {};
  expect({ vec: vec instanceof Float32Array ? { dim: vec.length, head: vec.slice(0, 2) } : vec, user }).toEqual({
    vec: { dim: 32, head: Float32Array.of(0.4731886386871338, 0.5118215680122375) },
    user: { uid: "u5", tenant: "ten5", bv: Uint8Array.of(104, 168, 54, 218, 204, 175, 211, 10) },
  });
});

it("readSegmentRows() reads the logs of a field in their order, and keeps any field name", async () => {
  const fields: readonly RowField[] = [
    { id: 100n, name: "__proto__", dataType: 5 },
    { id: 101n, name: "b", dataType: 5 },
  ];
  const rows = readSegmentRows({
    fields,
    logsOf: ({ id }) =>
      [[id, id + 1n], [id + 2n]].map((values) => memoryLog(envelope({ payloads: [int64File(values)] }))),
  });
  const entries = (await collect(rows)).map((row) => Object.entries(row));
  expect(entries).toEqual(
    [0n, 1n, 2n].map((index) => [
      ["__proto__", 100n + index],
      ["b", 101n + index],
    ]),
  );
});
