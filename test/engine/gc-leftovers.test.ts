/** What gc finds besides objects of backups: databases of dead drills, writes that never ended, records of what is gone. */
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { deleteBackup } from "../../src/catalog/delete-backup.ts";
import { listDrillIntents, writeIntent } from "../../src/catalog/intents.ts";
import { holdLease } from "../../src/catalog/lease.ts";
import { StorageError } from "../../src/core/contracts/storage.ts";
import type { Storage, UnfinishedWrite } from "../../src/core/contracts/storage.ts";
import { BackupError } from "../../src/core/errors.ts";
import type { RunReport } from "../../src/core/report.ts";
import { runGc } from "../../src/engine/gc.ts";
import type { GcSource } from "../../src/engine/gc-temporary.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { encodeRestoreRecord } from "../../src/format/restore-record.ts";
import { agingStorage } from "../support/aging-storage.ts";
import type { AgingStorage } from "../support/aging-storage.ts";
import { createTestRun, openTestJob, toTarget } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { manifestOf } from "../support/manifests.ts";
import { keysOf, writeAll } from "../support/storage-content.ts";

const DAY_MS = 24 * 3_600_000;
let passes = 0;

async function pass(storage: Storage, sources: readonly GcSource[] = []): Promise<RunReport> {
  passes += 1;
  return await runGc(
    { target: toTarget("nas", storage), sources, minAgeMs: DAY_MS },
    createTestRun(`gc_leftovers_${passes}`),
  );
}

async function twoPasses(storage: AgingStorage, sources: readonly GcSource[] = []): Promise<RunReport> {
  expect((await pass(storage, sources)).exitStatus).toBe(0);
  storage.advance(DAY_MS);
  return await pass(storage, sources);
}

describe("an intent of a drill that died", () => {
  async function leaveDead(job: TestJob, storage: Storage): Promise<void> {
    const { milvus } = job.source;
    await milvus.send("CreateDatabase", { properties: [] }, { database: "drill_dead" });
    const databases = ["drill_dead", "shop"];
    await writeIntent(storage, { kind: "drill", runId: "dead", address: milvus.address, databases });
  }

  function sourceOf({ source }: TestJob, given: Partial<GcSource> = {}): GcSource {
    const connect = async (): ReturnType<GcSource["connect"]> => ({
      ...source.milvus,
      [Symbol.asyncDispose]: async () => {},
    });
    return { name: "prod", address: source.milvus.address, open: async () => openMemory(), connect, ...given };
  }

  it("runGc() drops what it names and made, then removes it, in the second pass", async () => {
    await using job = await openTestJob({ collections: ["shop.b"] });
    const storage = agingStorage(openMemory());
    await leaveDead(job, storage);
    const first = await pass(storage, [sourceOf(job)]);
    expect(first.garbage?.groups).toMatchObject([
      { kind: "intent", state: "waiting", why: "a drill has died: what it made in prod is dropped, drill_dead" },
    ]);
    expect(job.world.databases.has("drill_dead")).toBe(true);
    storage.advance(DAY_MS);
    expect((await pass(storage, [sourceOf(job)])).exitStatus).toBe(0);
    expect(job.fake.sent("DropDatabase").map(({ db_name }) => db_name)).toEqual(["drill_dead"]);
    expect([...job.world.collections.keys()]).toEqual(["shop.b"]);
    expect(await listDrillIntents(storage)).toEqual([]);
  });

  it("runGc() keeps it while Milvus is away, and names it where no source is that Milvus", async () => {
    await using job = await openTestJob({ collections: ["shop.b"] });
    const storage = agingStorage(openMemory());
    await leaveDead(job, storage);
    const connect = () => Promise.reject(new BackupError("unreachable", "Cannot reach Milvus"));
    expect((await twoPasses(storage, [sourceOf(job, { connect })])).exitStatus).toBe(14);
    const { garbage } = await twoPasses(storage, [sourceOf(job, { address: "elsewhere:19530" })]);
    expect(garbage?.left).toMatchObject([
      {
        place: ".milvus-backup/intents/dead",
        why: expect.stringContaining(
          `gc with --source ${job.source.milvus.address} and its --source-storage`,
        ) as string,
      },
    ]);
    expect([job.fake.sent("DropDatabase"), (await listDrillIntents(storage)).length]).toEqual([[], 1]);
  });

  it("runGc() leaves one alone whose drill lives", async () => {
    await using job = await openTestJob({ collections: ["shop.b"] });
    const storage = agingStorage(openMemory());
    await leaveDead(job, storage);
    await using _lease = await holdLease(storage, { owner: lockOwner("dead"), onFailure: () => {} });
    await expect(pass(storage, [sourceOf(job)])).rejects.toMatchObject({ code: "locked" });
    expect(job.fake.sent("DropDatabase")).toEqual([]);
  });
});

interface Uploading extends AgingStorage {
  readonly uploads: UnfinishedWrite[];
}

/** A storage with writes that never ended, which began two days ago unless it is told. */
function uploadingStorage(...keys: readonly string[]): Uploading {
  const startedAt = new Date(Date.now() - 2 * DAY_MS);
  const uploads: UnfinishedWrite[] = keys.map((key, index) => ({ key, id: `u${index}`, startedAt }));
  return {
    ...agingStorage(openMemory()),
    uploads,
    unfinished: async (prefix) => uploads.filter(({ key }) => key.startsWith(prefix)),
    abandon: async ({ key, id }) => {
      const index = uploads.findIndex((one) => one.key === key && one.id === id);
      if (index >= 0) uploads.splice(index, 1);
    },
  };
}

describe("a write that was begun and has not ended", () => {
  const payload = "b1/binlogs/insert_log/10/20/1/1/100/4";
  const record = {
    formatVersion: 1,
    runId: "20261101_restore",
    backup: "b1",
    address: "localhost:19530",
    asked: "a digest",
    startedAt: "2026-11-01T02:00:00.000Z",
    collections: [],
  } as const;

  it("runGc() abandons it in the second pass where it is of a backup of ours, or beside them, and no other", async () => {
    const storage = uploadingStorage(payload, ".milvus-backup/reserve", "b2/x", "photos/sea.jpg", "sea.jpg");
    await writeAll(storage, {
      "b1/meta/manifest.json": encodeManifest(manifestOf("b1", { state: "running" })),
      "b2/somebody": "else's",
    });
    const { garbage } = await pass(storage);
    expect(garbage?.groups).toMatchObject([
      { kind: "upload", place: "b1/", state: "waiting" },
      { kind: "upload", place: ".milvus-backup/", state: "waiting" },
    ]);
    expect(storage.uploads).toHaveLength(5);
    storage.uploads.push({ key: payload, id: "new", startedAt: new Date() });
    storage.advance(DAY_MS);
    await pass(storage);
    expect(storage.uploads.map(({ key, id }) => [key, id])).toEqual([
      ["b2/x", "u2"],
      ["photos/sea.jpg", "u3"],
      ["sea.jpg", "u4"],
      [payload, "new"],
    ]);
    expect(await keysOf(storage, "b")).toEqual(["b1/meta/manifest.json", "b2/somebody"]);
  });

  it("runGc() abandons that of a restore that died, in the storage of its source", async () => {
    const storage = agingStorage(openMemory());
    const key = `.milvus-backup/runs/${record.runId}/restore.json`;
    await writeAll(storage, { [key]: encodeRestoreRecord(record) });
    const bucket = uploadingStorage(`restore_temp_${record.runId}/1`, "restore_temp_other/1", "files/insert_log/1");
    const connect = (): Promise<never> => Promise.reject(new Error("nothing is in Milvus"));
    await twoPasses(storage, [{ name: "prod", address: record.address, open: async () => bucket, connect }]);
    expect(bucket.uploads.map(({ key: left }) => left)).toEqual(["restore_temp_other/1", "files/insert_log/1"]);
  });

  it("runGc() says so where it may not look, and looks no further where the service tells of none", async () => {
    const storage = uploadingStorage();
    const refusing = (code: "denied" | "unsupported"): Storage => ({
      ...storage,
      unfinished: () => Promise.reject(new StorageError(code, `Cannot list the uploads: ${code}`)),
    });
    expect((await pass(refusing("denied"))).garbage?.left).toEqual([
      { place: "uploads in parts", why: "nobody can tell: Cannot list the uploads: denied" },
    ]);
    expect((await pass(refusing("unsupported"))).garbage?.left).toEqual([]);
  });

  it("deleteBackup() abandons those of the backup, before its manifest goes", async () => {
    const storage = uploadingStorage(payload, "b10/x");
    await writeAll(storage, { "b1/meta/manifest.json": encodeManifest(manifestOf("b1")) });
    await deleteBackup(storage, "b1");
    expect(storage.uploads.map(({ key }) => key)).toEqual(["b10/x"]);
  });
});

it("runGc() deletes checks and pins that are over of backups that are gone, in the second pass, and no other", async () => {
  const storage = agingStorage(openMemory());
  const pin = (until?: string): string =>
    JSON.stringify({ formatVersion: 1, at: "2026-11-01T00:00:00.000Z", by: "me@here", ...(until && { until }) });
  const over = "2026-11-02T00:00:00.000Z";
  await writeAll(storage, {
    "b1/meta/manifest.json": encodeManifest(manifestOf("b1")),
    "b2/somebody": "else's",
    ".milvus-backup/checks/b1/checksum.1of1.20261124T021500000Z.ok": "{}",
    ".milvus-backup/checks/b2/checksum.1of1.20261124T021500000Z.ok": "{}",
    ".milvus-backup/checks/gone/checksum.1of1.20261124T021500000Z.ok": "{}",
    ".milvus-backup/checks/gone/of a later release": "{}",
    ".milvus-backup/pins/b1": pin(over),
    ".milvus-backup/pins/gone": pin(over),
    ".milvus-backup/pins/away": pin(),
  });
  storage.advance(DAY_MS);
  expect((await pass(storage)).garbage?.groups).toMatchObject([
    { kind: "check", place: ".milvus-backup/checks/gone/", objects: 1, state: "waiting" },
    { kind: "pin", place: ".milvus-backup/pins/gone", state: "waiting" },
  ]);
  storage.advance(DAY_MS);
  await pass(storage);
  expect(await keysOf(storage, ".milvus-backup/checks/")).toEqual([
    ".milvus-backup/checks/b1/checksum.1of1.20261124T021500000Z.ok",
    ".milvus-backup/checks/b2/checksum.1of1.20261124T021500000Z.ok",
    ".milvus-backup/checks/gone/of a later release",
  ]);
  expect(await keysOf(storage, ".milvus-backup/pins/")).toEqual([".milvus-backup/pins/away", ".milvus-backup/pins/b1"]);
});
