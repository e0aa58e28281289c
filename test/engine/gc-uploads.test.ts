/** Writes that were begun and never ended: what gc and deletions do of them, and where nobody can tell of any. */
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { deleteBackup } from "../../src/catalog/delete-backup.ts";
import { StorageError } from "../../src/core/contracts/storage.ts";
import type { Storage, StorageErrorCode, UnfinishedWrite } from "../../src/core/contracts/storage.ts";
import { BackupError } from "../../src/core/errors.ts";
import type { RunReport } from "../../src/core/report.ts";
import { runGc } from "../../src/engine/gc.ts";
import type { GcSource } from "../../src/engine/gc-temporary.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { encodeRestoreRecord } from "../../src/format/restore-record.ts";
import { agingStorage } from "../support/aging-storage.ts";
import type { AgingStorage } from "../support/aging-storage.ts";
import { createTestRun, toTarget } from "../support/engine-run.ts";
import { manifestOf } from "../support/manifests.ts";
import { keysOf, writeAll } from "../support/storage-content.ts";

const DAY_MS = 24 * 3_600_000;
let passes = 0;

async function pass(storage: Storage, sources: readonly GcSource[] = []): Promise<RunReport> {
  passes += 1;
  return await runGc({ target: toTarget("nas", storage), sources, minAgeMs: DAY_MS }, createTestRun(`gc_${passes}`));
}

async function twoPasses(storage: AgingStorage, sources: readonly GcSource[] = []): Promise<RunReport> {
  expect((await pass(storage, sources)).exitStatus).toBe(0);
  storage.advance(DAY_MS);
  return await pass(storage, sources);
}

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

/** One whose service answers with this when it is asked for writes that have not ended. */
function untoldStorage(code: StorageErrorCode): Uploading {
  const unfinished = () => Promise.reject(new StorageError(code, `Cannot list the uploads: ${code}`));
  return { ...uploadingStorage(), unfinished };
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

  it("runGc() deletes the temporary copy of a restore that died where it may not look for uploads, and says so", async () => {
    for (const code of ["denied", "unavailable"] as const) {
      const storage = agingStorage(openMemory());
      const directory = `.milvus-backup/runs/${record.runId}/`;
      await writeAll(storage, { [`${directory}restore.json`]: encodeRestoreRecord(record) });
      const bucket = untoldStorage(code);
      const copy = `restore_temp_${record.runId}/10/insert_log/x`;
      await writeAll(bucket, { [copy]: "rows", "files/insert_log/1": "z" });
      const connect = (): Promise<never> => Promise.reject(new Error("nothing is in Milvus"));
      const source = { name: "prod", address: record.address, open: async () => bucket, connect };
      const first = await pass(storage, [source]);
      expect(first.garbage?.groups).toMatchObject([{ kind: "temporary", source: "prod", objects: 1 }]);
      const why = `nobody can tell of uploads in parts below restore_temp_${record.runId}/ in prod: Cannot list the uploads: ${code}`;
      expect(first.garbage?.left).toEqual([{ place: directory, why }]);
      for (const one of [storage, bucket]) one.advance(DAY_MS);
      expect((await pass(storage, [source])).exitStatus).toBe(0);
      expect(await keysOf(bucket)).toEqual(["files/insert_log/1"]);
      storage.advance(DAY_MS);
      await twoPasses(storage, [source]); // the backup is gone: so is the use of the record
      expect(await keysOf(storage, directory)).toEqual([]);
    }
  });

  it("runGc() says so where it may not look, or the service fails, and goes on", async () => {
    for (const code of ["denied", "unavailable", "throttled", "corrupt"] as const) {
      const storage = untoldStorage(code);
      await writeAll(storage, { "b1/meta/manifest.json": encodeManifest(manifestOf("b1", { state: "deleting" })) });
      const { exitStatus, garbage } = await pass(storage);
      expect([exitStatus, garbage?.left]).toEqual([
        0,
        [{ place: "uploads in parts", why: `nobody can tell: Cannot list the uploads: ${code}` }],
      ]);
      expect(await keysOf(storage, "b1/")).toEqual([]);
    }
    expect((await pass(untoldStorage("unsupported"))).garbage?.left).toEqual([]); // the service tells of none
    await expect(pass(untoldStorage("aborted"))).rejects.toMatchObject({ code: "aborted" });
  });

  it("deleteBackup() abandons those of the backup, before its manifest goes", async () => {
    const storage = uploadingStorage(payload, "b10/x");
    await writeAll(storage, { "b1/meta/manifest.json": encodeManifest(manifestOf("b1")) });
    await deleteBackup(storage, "b1");
    expect(storage.uploads.map(({ key }) => key)).toEqual(["b10/x"]);
  });

  it("deleteBackup() ends where the service cannot list them, with a notice; one that lists none is not worth it", async () => {
    for (const code of ["denied", "unavailable", "unsupported"] as const) {
      const storage = untoldStorage(code);
      await writeAll(storage, { "b1/meta/manifest.json": encodeManifest(manifestOf("b1")), [payload]: "rows" });
      const told: string[] = [];
      expect(await deleteBackup(storage, "b1", { notice: (message) => void told.push(message) })).toBe(2);
      expect(await keysOf(storage)).toEqual([]);
      const why = `nobody can tell what was begun to be written into b1/ and has not ended: Cannot list the uploads: ${code}`;
      expect(told).toEqual(code === "unsupported" ? [] : [why]);
    }
  });

  it("deleteBackup() ends where it may not abandon them, with a notice in its run", async () => {
    const abandon = () => Promise.reject(new StorageError("denied", "Cannot abandon the upload"));
    const storage = { ...uploadingStorage(payload), abandon };
    await writeAll(storage, { "b1/meta/manifest.json": encodeManifest(manifestOf("b1", { state: "deleting" })) });
    const run = createTestRun("gc_denied");
    const report = await runGc({ target: toTarget("nas", storage), sources: [], minAgeMs: DAY_MS }, run);
    expect([report.exitStatus, await keysOf(storage, "b1/")]).toEqual([0, []]);
    expect(run.events.flatMap((event) => (event.type === "notice" ? [event.message] : []))).toEqual([
      "nas: what was begun to be written into b1/ and has not ended is left: Cannot abandon the upload",
    ]);
  });

  it("deleteBackup() keeps the manifest when it is stopped, or one cannot be abandoned for now", async () => {
    const abandon = () => Promise.reject(new StorageError("unavailable", "Cannot abandon"));
    for (const storage of [untoldStorage("aborted"), { ...uploadingStorage(payload), abandon }]) {
      await writeAll(storage, { "b1/meta/manifest.json": encodeManifest(manifestOf("b1")) });
      await expect(deleteBackup(storage, "b1")).rejects.toMatchObject({ name: "StorageError" });
      expect(await keysOf(storage)).toEqual(["b1/meta/manifest.json"]);
    }
  });

  it("deleteBackup() looks at its lock before each that it abandons, and before the manifest", async () => {
    const storage = uploadingStorage(payload, `${payload}1`);
    await writeAll(storage, { "b1/meta/manifest.json": encodeManifest(manifestOf("b1")) });
    const calls: string[] = [];
    const recording: Storage = {
      ...storage,
      abandon: async (write, call) => {
        calls.push(`abandon ${write.id}`);
        await storage.abandon?.(write, call);
      },
      delete: async (keys, call) => {
        if (keys.includes("b1/meta/manifest.json")) calls.push("delete the manifest");
        return await storage.delete(keys, call);
      },
    };
    await deleteBackup(recording, "b1", { guard: async () => void calls.push("look") });
    const last = ["look", "abandon u0", "look", "abandon u1", "look", "delete the manifest"];
    expect(calls.slice(-last.length)).toEqual(last);
    expect(calls.slice(0, -last.length).every((call) => call === "look")).toBe(true);
  });

  it("deleteBackup() that has lost its lock abandons nothing more, and leaves the manifest", async () => {
    const storage = uploadingStorage(payload, `${payload}1`);
    await writeAll(storage, { "b1/meta/manifest.json": encodeManifest(manifestOf("b1")) });
    const guard = async (): Promise<void> => {
      if (storage.uploads.length < 2) throw new BackupError("locked", "another deletion has taken over");
    };
    await expect(deleteBackup(storage, "b1", { guard })).rejects.toMatchObject({ code: "locked" });
    expect([storage.uploads.length, await keysOf(storage)]).toEqual([1, ["b1/meta/manifest.json"]]);
  });
});
