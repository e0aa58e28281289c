import { expect, it } from "vitest";
import { memory } from "../../plugins/storage-memory/index.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { bytesBody } from "../../src/io/body.ts";
import { captureSegments } from "../../src/milvus/capture-segments.ts";
import { segmentFiles, type SegmentFiles, type SegmentSource } from "../../src/milvus/segment-files.ts";
import { listSegmentLogs } from "../../src/milvus/segment-logs.ts";
import { chooseSegments, listSegments } from "../../src/milvus/segments.ts";
import type { SegmentInfo } from "../../src/milvus/types.ts";
import { timestampLog } from "../support/binlog-files.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { connectFake, inTurn, ok, refused, startFakeMilvus } from "../support/fake-milvus.ts";
import { createFakeClock } from "../support/fake-clock.ts";

const BOOK = { database: "shop", collection: "book" };

const SEGMENT: SegmentInfo = {
  id: 30n,
  collectionId: 1n,
  partitionId: 20n,
  rows: 1000n,
  state: "flushed",
  isL0: false,
  storageVersion: 0n,
};

function wire(segmentID: string, more: object = {}): object {
  return { segmentID, collectionID: "1", partitionID: "20", num_rows: "1000", state: 4, ...more };
}

async function storageWith(...keys: readonly string[]): Promise<Storage> {
  const storage = await memory.open({});
  for (const key of keys) await storage.write(key, bytesBody(key));
  return storage;
}

async function source(...keys: readonly string[]): Promise<SegmentSource> {
  return { storage: await storageWith(...keys), rootPath: "files" };
}

async function filesOf(place: SegmentSource, segment: SegmentInfo): Promise<SegmentFiles> {
  const logsOf = await listSegmentLogs(place.storage, [segment]);
  return segmentFiles(place.rootPath, segment, logsOf(segment));
}

it("listSegments() keeps ids whole and reads states and levels", async () => {
  const infos = [
    wire("470664302226709337", { level: 2, storage_version: "2" }),
    wire("31", { partitionID: "-1", num_rows: "0", level: 1, state: 5 }),
  ];
  await using fake = await startFakeMilvus({ GetPersistentSegmentInfo: () => ok({ infos }) });
  await using milvus = await connectFake(fake);
  expect(await listSegments(milvus, BOOK)).toEqual([
    { ...SEGMENT, id: 470664302226709337n, storageVersion: 2n },
    { ...SEGMENT, id: 31n, partitionId: -1n, rows: 0n, state: "flushing", isL0: true },
  ]);
  expect(fake.sent("GetPersistentSegmentInfo")).toMatchObject([{ dbName: "shop", collectionName: "book" }]);
});

it.each([
  ["v2.3.5-lite", false],
  ["v2.4.5", undefined],
  ["v2.4.7", false],
])("listSegments() on %s says %s of L0 when the level is not set", async (version, isL0) => {
  await using fake = await startFakeMilvus(
    { GetPersistentSegmentInfo: () => ok({ infos: [wire("30")] }) },
    { version },
  );
  await using milvus = await connectFake(fake);
  expect(await listSegments(milvus, BOOK)).toEqual([{ ...SEGMENT, isL0 }]);
});

it("listSegments() asks again while compaction hides a segment", async () => {
  const gone = (): object => refused(600, "segment not found[segment=31]");
  await using fake = await startFakeMilvus({
    GetPersistentSegmentInfo: inTurn(gone, gone, () => ok({ infos: [wire("30")] })),
  });
  await using milvus = await connectFake(fake, { clock: createFakeClock(Date.now()) });
  expect(await listSegments(milvus, BOOK)).toHaveLength(1);
});

it("listSegments() gives up on a segment that stays missing", async () => {
  await using fake = await startFakeMilvus({ GetPersistentSegmentInfo: () => refused(600, "segment not found") });
  await using milvus = await connectFake(fake, { clock: createFakeClock(Date.now()) });
  await expect(listSegments(milvus, BOOK)).rejects.toMatchObject({ kind: "segment-not-found" });
  expect(fake.sent("GetPersistentSegmentInfo")).toHaveLength(50);
});

it("chooseSegments() takes what is on storage, and says why it skips the rest", () => {
  const segments = [
    SEGMENT,
    { ...SEGMENT, id: 31n, state: "flushing" as const, partitionId: -1n },
    { ...SEGMENT, id: 32n, state: "sealed" as const },
    { ...SEGMENT, id: 33n, state: "importing" as const },
    { ...SEGMENT, id: 34n, partitionId: 21n },
  ];
  const { taken, skipped } = chooseSegments(segments, [20n]);
  expect(taken.map(({ id }) => id)).toEqual([30n, 31n]);
  expect(skipped).toEqual([
    { segmentId: 32n, partitionId: 20n, rows: 1000n, reason: "its state is sealed" },
    { segmentId: 33n, partitionId: 20n, rows: 1000n, reason: "its state is importing" },
    { segmentId: 34n, partitionId: 21n, rows: 1000n, reason: "its partition was dropped" },
  ]);
});

it("segmentFiles() gives the segment in the Go tool's shape, fields by number", async () => {
  const keys = ["insert_log/1/20/30/0/41", "insert_log/1/20/30/100/43", "insert_log/1/20/30/1/42"];
  const others = ["insert_log/1/20/301/0/9", "insert_log/1/20/31/0/9", "stats_log/1/20/30/100/9"];
  const found = await filesOf(await source(...keys, "delta_log/1/20/30/50", ...others), SEGMENT);
  const insert = (field: number, log: number, bytes: number): object => ({
    log_path: `files/insert_log/1/20/30/${field}/${log}`,
    log_size: BigInt(bytes),
    log_id: BigInt(log),
  });
  if (found.kind !== "captured") throw new Error(found.kind);
  expect(found.segment.meta).toEqual({
    segment_id: 30n,
    collection_id: 1n,
    partition_id: 20n,
    num_of_rows: 1000n,
    binlogs: [
      { binlogs: [insert(0, 41, 23)] },
      { fieldID: 1n, binlogs: [insert(1, 42, 23)] },
      { fieldID: 100n, binlogs: [insert(100, 43, 25)] },
    ],
    deltalogs: [{ binlogs: [{ log_path: "files/delta_log/1/20/30/50", log_size: 20n, log_id: 50n }] }],
    size: 91n,
    group_id: 30n,
  });
  expect(found.segment.files.map(({ kind, key, bytes }) => [kind, key, bytes])).toEqual([
    ["insert", "insert_log/1/20/30/0/41", 23],
    ["insert", "insert_log/1/20/30/1/42", 23],
    ["insert", "insert_log/1/20/30/100/43", 25],
    ["delta", "delta_log/1/20/30/50", 20],
  ]);
});

it("segmentFiles() writes one empty delta entry when there are none, and the storage version above 0", async () => {
  const found = await filesOf(await source("insert_log/1/20/30/0/41"), { ...SEGMENT, storageVersion: 2n });
  expect(found).toMatchObject({ kind: "captured", segment: { meta: { deltalogs: [{}], storage_version: 2n } } });
});

it("segmentFiles() gives an L0 segment of all partitions no group and no insert logs", async () => {
  const l0 = { ...SEGMENT, id: 99n, partitionId: -1n, rows: 0n, isL0: true };
  const found = await filesOf(await source("delta_log/1/-1/99/50"), l0);
  expect(found).toMatchObject({ kind: "captured" });
  expect(found.kind === "captured" && found.segment.meta).toEqual({
    segment_id: 99n,
    collection_id: 1n,
    partition_id: -1n,
    deltalogs: [{ binlogs: [{ log_path: "files/delta_log/1/-1/99/50", log_size: 20n, log_id: 50n }] }],
    size: 20n,
    is_l0: true,
  });
});

it("segmentFiles() knows an L0 segment by its missing insert logs where the level is not told", async () => {
  const untold = { ...SEGMENT, rows: 0n, isL0: undefined };
  const found = await filesOf(await source("delta_log/1/20/30/50"), untold);
  expect(found).toMatchObject({ kind: "captured", segment: { meta: { is_l0: true, group_id: 30n } } });
});

it("segmentFiles() has nothing to copy for a segment without rows and logs", async () => {
  expect(await filesOf(await source(), { ...SEGMENT, rows: 0n })).toEqual({ kind: "empty" });
  expect(await filesOf(await source(), { ...SEGMENT, rows: 0n, isL0: true })).toEqual({ kind: "empty" });
});

it("segmentFiles() calls rows without logs and uneven fields incomplete", async () => {
  expect(await filesOf(await source("delta_log/1/20/30/50"), SEGMENT)).toEqual({
    kind: "incomplete",
    reason: "it has 1000 rows and no insert logs",
  });
  const uneven = ["insert_log/1/20/30/0/41", "insert_log/1/20/30/0/42", "insert_log/1/20/30/100/43"];
  expect(await filesOf(await source(...uneven), SEGMENT)).toEqual({
    kind: "incomplete",
    reason: "field 0 has 2 files and field 100 has 1",
  });
});

it.each(["insert_log/1/20/30/0/41.tmp", "insert_log/1/20/30/readme", "delta_log/1/20/30/0/50"])(
  "segmentFiles() refuses the foreign object %s",
  async (key) => {
    const foreign = filesOf(await source("insert_log/1/20/30/0/41", key), SEGMENT);
    await expect(foreign).rejects.toThrow(`Found "${key}" among the files of a segment`);
  },
);

it("listSegmentLogs() asks for each partition, not for each segment, and passes over what is of others", async () => {
  const segments = Array.from({ length: 60 }, (_, at) => ({ ...SEGMENT, id: BigInt(at), partitionId: BigInt(at % 3) }));
  const keys = segments.map(({ id, partitionId }) => `insert_log/1/${partitionId}/${id}/0/7`);
  const storage = await storageWith(...keys, "insert_log/1/0/99/readme", "delta_log/1/2/5/8", "insert_log/1/30/0/0/7");
  const listed: string[] = [];
  const counting: Storage = {
    ...storage,
    list: (prefix, call) => {
      listed.push(prefix);
      return storage.list(prefix, call);
    },
  };
  const logsOf = await listSegmentLogs(counting, segments);
  expect(listed).toHaveLength(6);
  const found = segments.map((segment) => logsOf(segment).inserts.map(({ key }) => key));
  expect(found).toEqual(keys.map((key) => [key]));
  expect(segments.flatMap((segment) => logsOf(segment).deltas)).toMatchObject([
    { key: "delta_log/1/2/5/8", logId: 8n },
  ]);
});

/** A Milvus that lists these segments, one reply after another, and its storage with so many rows in each of these logs. */
async function captureFrom(replies: readonly (readonly object[])[], logs: Readonly<Record<string, number>>) {
  const lists = replies.map((infos) => (): object => ok({ infos }));
  await using fake = await startFakeMilvus({ GetPersistentSegmentInfo: inTurn(...lists) });
  await using milvus = await connectFake(fake, { clock: createFakeClock(Date.now()) });
  const place = await source();
  for (const [key, rows] of Object.entries(logs)) await place.storage.write(key, bytesBody(timestampLog(rows)));
  const { segments } = await captureSegments(milvus, { ...BOOK, partitionIds: [20n], source: place });
  return segments.map(({ meta, files }) => [meta.segment_id, files.length]);
}

it("captureSegments() lists anew when compaction replaced a segment before its files were seen", async () => {
  const replies = [[wire("30"), wire("31")], [wire("32")]];
  const logs = { "insert_log/1/20/30/1/41": 1000, "insert_log/1/20/32/1/43": 1000 };
  expect(await captureFrom(replies, logs)).toEqual([[32n, 1]]);
});

it("captureSegments() adds up the rows of a segment's logs, of packed ones those of the narrow columns", async () => {
  const logs = { "insert_log/1/20/30/1/41": 900, "insert_log/1/20/30/1/42": 100, "insert_log/1/20/31/0/43": 1000 };
  expect(await captureFrom([[wire("30"), wire("31", { storage_version: "2" })]], logs)).toEqual([
    [30n, 2],
    [31n, 1],
  ]);
});

it("captureSegments() lists a segment anew whose logs have other rows, since it may be written just now", async () => {
  const replies = [[wire("30", { num_rows: "600" })], [wire("30")], [wire("30")]];
  expect(await captureFrom(replies, { "insert_log/1/20/30/1/41": 1000 })).toEqual([[30n, 1]]);
});

it.each([
  { why: "a second set of logs", logs: { "41": 1000, "51": 300 }, rows: 1300, hint: "compact it" },
  { why: "fewer rows", logs: { "41": 999 }, rows: 999, hint: 'Logs are gone from "insert_log/1/20/30/"' },
])("captureSegments() refuses a segment that goes on to have $why than Milvus knows of", async (given) => {
  const logs = Object.entries(given.logs).map(([id, rows]) => [`insert_log/1/20/30/1/${id}`, rows] as const);
  await expect(captureFrom([[wire("30")]], Object.fromEntries(logs))).rejects.toMatchObject({
    code: "damaged",
    message: `Cannot take segment 30 of "shop.book": its logs hold ${given.rows} rows and Milvus counts 1000`,
    hint: expect.stringContaining(given.hint),
    facts: { segmentId: 30n, rows: 1000n, rowsFound: given.rows },
  });
});

it("captureSegments() says that a segment is not there whose log is gone before it can be read", async () => {
  const place = await source("insert_log/1/20/30/1/41");
  const missing = failOn("missing", ({ kind }) => kind === "read");
  await using fake = await startFakeMilvus({ GetPersistentSegmentInfo: () => ok({ infos: [wire("30")] }) });
  await using milvus = await connectFake(fake);
  const from = { ...place, storage: failingStorage(place.storage, missing) };
  await expect(captureSegments(milvus, { ...BOOK, partitionIds: [20n], source: from })).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringContaining("a log is no longer there"),
  });
});

it("captureSegments() calls a log damaged that has no rows to count", async () => {
  const place = await source("insert_log/1/20/30/1/41");
  await using fake = await startFakeMilvus({ GetPersistentSegmentInfo: () => ok({ infos: [wire("30")] }) });
  await using milvus = await connectFake(fake);
  const captured = captureSegments(milvus, { ...BOOK, partitionIds: [20n], source: place });
  await expect(captured).rejects.toMatchObject({
    code: "damaged",
    message: expect.stringContaining('Cannot read the log "insert_log/1/20/30/1/41"'),
  });
});

it("captureSegments() says that the storage is not Milvus's own when a listed segment has no files", async () => {
  await using fake = await startFakeMilvus({ GetPersistentSegmentInfo: () => ok({ infos: [wire("30")] }) });
  await using milvus = await connectFake(fake);
  const capture = captureSegments(milvus, { ...BOOK, partitionIds: [20n], source: await source() });
  await expect(capture).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringContaining('The storage does not hold segment 30 of "shop.book"'),
    hint: expect.stringContaining("rootPath"),
  });
});
