/** Garbage collection on a memory storage: what is found nobody's, what goes in which pass, and what is never touched. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { writeIntent } from "../../src/catalog/intents.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { RunReport } from "../../src/core/report.ts";
import { previewGc, runGc } from "../../src/engine/gc.ts";
import type { GcSource } from "../../src/engine/gc-temporary.ts";
import { DELETIONS_PREFIX } from "../../src/format/deletion.ts";
import { CANDIDATES_KEY } from "../../src/format/garbage-file.ts";
import { SEALED_MANIFEST_KEY } from "../../src/format/keys.ts";
import { encodeLock } from "../../src/format/lock.ts";
import { encodeRestoreRecord } from "../../src/format/restore-record.ts";
import { deleteBackup } from "../../src/catalog/delete-backup.ts";
import { makeDataKey } from "../../src/seal/age-file.ts";
import { agingStorage } from "../support/aging-storage.ts";
import type { AgingStorage } from "../support/aging-storage.ts";
import { anotherRun, backUp, createTestRun, openTestJob, resumeB1, toTarget } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { failingStorage, killedAfter } from "../support/failing-storage.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { endLeases, killAfter } from "../support/unfinished.ts";
import { cloneStorage, contentsOf, keysOf, readText, writeAll } from "../support/storage-content.ts";

const DAY_MS = 24 * 3_600_000;
const STRAY = "b1/binlogs/delta_log/200/201/250/250/9";
let job: TestJob;
/** With the backup b1 of default.a (200) and shop.b (300). */
const nas = openMemory();
let passes = 0;

beforeAll(async () => {
  job = await openTestJob({ collections: ["default.a", "shop.b"], target: nas });
  expect((await backUp(job)).state).toBe("complete");
});

afterAll(() => job[Symbol.asyncDispose]());

async function openNas(): Promise<AgingStorage> {
  return agingStorage(await cloneStorage(nas));
}

async function pass(storage: Storage, sources: readonly GcSource[] = []): Promise<RunReport> {
  passes += 1;
  const run = createTestRun(`gc_${passes}`);
  return await runGc({ target: toTarget("nas", storage), sources, minAgeMs: DAY_MS }, run);
}

/** One pass, a day, and another one. */
async function twoPasses(storage: AgingStorage, sources: readonly GcSource[] = []): Promise<RunReport> {
  expect((await pass(storage, sources)).exitStatus).toBe(0);
  storage.advance(DAY_MS);
  return await pass(storage, sources);
}

/** All but what gc itself keeps. */
async function rest(storage: Storage): Promise<Readonly<Record<string, string>>> {
  const contents = Object.entries(await contentsOf(storage));
  const isOfGc = (key: string): boolean => /^\.milvus-backup\/(?:gc|history|locks\/x|reserve)/.test(key);
  return Object.fromEntries(contents.filter(([key]) => !isOfGc(key)));
}

describe("runGc()", () => {
  it("runGc() finds nothing in a target that is in order", async () => {
    const storage = await openNas();
    const before = await rest(storage);
    const report = await twoPasses(storage);
    expect(report).toMatchObject({ state: "complete", exitStatus: 0, garbage: { groups: [], foreign: [], left: [] } });
    expect(await rest(storage)).toEqual(before);
  });

  it("runGc() knows every file of an encrypted backup, and none of a seal in one that is not", async () => {
    const storage = openMemory();
    const { recipient } = await makeDataKey();
    await backUp(anotherRun(job, storage), { encryption: { recipients: [recipient] } });
    expect((await pass(storage)).garbage).toMatchObject({ groups: [], left: [] });
    const open = await openNas();
    await writeAll(open, { [`b1/${SEALED_MANIFEST_KEY}`]: "of nobody" });
    expect((await pass(open)).garbage).toMatchObject({ groups: [], left: [{ place: `b1/${SEALED_MANIFEST_KEY}` }] });
  });

  it("runGc() deletes an object that nothing names in the second pass, a day later, on record, and nothing else", async () => {
    const storage = await openNas();
    const before = await rest(storage);
    await writeAll(storage, { [STRAY]: "deletes" });
    const first = await pass(storage);
    expect(first.garbage?.groups).toMatchObject([
      { kind: "stray", place: "b1/", objects: 1, bytes: 7, state: "waiting" },
    ]);
    storage.advance(DAY_MS - 1000);
    expect((await pass(storage)).garbage?.deleted.objects).toBe(0);
    expect(await keysOf(storage, STRAY)).toEqual([STRAY]);
    storage.advance(1000);
    const last = await pass(storage);
    expect(last).toMatchObject({ exitStatus: 0, garbage: { deleted: { objects: 1, bytes: 7 } } });
    expect(last.summary).toBe("nas: 1 object of nobody deleted (7 B)");
    expect(await rest(storage)).toEqual(before);
    const [record = ""] = await keysOf(storage, DELETIONS_PREFIX);
    expect(JSON.parse(await readText(storage, record))).toMatchObject({
      garbage: "b1/",
      keys: [STRAY],
      bytes: 7,
      why: "nothing in the backup b1 names it",
      runId: `gc_${passes}`,
      by: expect.stringContaining("@") as string,
    });
    expect((await pass(storage)).garbage?.groups).toEqual([]);
    expect(await keysOf(storage, CANDIDATES_KEY)).toEqual([]);
  });

  it("runGc() waits anew with what was written again between its passes", async () => {
    const storage = await openNas();
    await writeAll(storage, { [STRAY]: "deletes" });
    await pass(storage);
    storage.advance(DAY_MS);
    await writeAll(storage, { [STRAY]: "changed" });
    expect((await pass(storage)).garbage?.deleted.objects).toBe(0);
    expect(await keysOf(storage, STRAY)).toEqual([STRAY]);
  });

  it("runGc() leaves alone what became a backup's between its passes", async () => {
    const storage = await openNas();
    const payload = (await keysOf(storage, "b1/")).filter((key) => key.includes("/insert_log/300/"));
    const manifest = JSON.parse(await readText(storage, "b1/meta/manifest.json")) as { collections: { id: string }[] };
    const whole = await contentsOf(storage, "b1/meta/");
    const others = { ...manifest, collections: manifest.collections.filter(({ id }) => id !== "300") };
    await writeAll(storage, { "b1/meta/manifest.json": JSON.stringify(others) });
    const { garbage } = await pass(storage); // the meta files tell of 300, the manifest does not: nobody can tell
    expect(garbage).toMatchObject({ groups: [], left: [{ place: "b1/" }] });
    await writeAll(storage, { "b1/meta/manifest.json": whole["b1/meta/manifest.json"] ?? "" });
    storage.advance(DAY_MS);
    expect((await pass(storage)).garbage?.groups).toEqual([]);
    expect((await keysOf(storage, "b1/")).filter((key) => key.includes("/insert_log/300/"))).toEqual(payload);
  });

  it("runGc() touches nothing of a backup whose list was lost, cut short or swapped, and says so", async () => {
    const other = (await contentsOf(nas, "b1/meta/objects/300"))["b1/meta/objects/300.jsonl.gz"] ?? "";
    for (const spoil of [
      (storage: Storage) => storage.delete(["b1/meta/objects/200.jsonl.gz"]),
      (storage: Storage) => writeAll(storage, { "b1/meta/objects/200.jsonl.gz": "x" }),
      (storage: Storage) => writeAll(storage, { "b1/meta/objects/200.jsonl.gz": other }),
      (storage: Storage) => writeAll(storage, { "b1/meta/full_meta.json": "{" }),
      (storage: Storage) => writeAll(storage, { "b1/meta/manifest.json": "{" }),
    ]) {
      const storage = await openNas();
      await writeAll(storage, { [STRAY]: "deletes" });
      await spoil(storage);
      const before = await rest(storage);
      const { garbage } = await twoPasses(storage);
      expect(garbage).toMatchObject({ groups: [], left: [{ place: "b1/" }] });
      expect(await rest(storage)).toEqual(before);
    }
  });

  it("runGc() counts and names what is not ours, and touches none of it", async () => {
    const storage = await openNas();
    const foreign = {
      "holiday.jpg": "sun",
      "photos/a.jpg": "sea",
      "photos/meta/b": "x",
      "1st/x": "y",
      "go1/binlogs/x": "z",
    };
    await writeAll(storage, { ...foreign, "b1/meta/notes.txt": "of a later release" });
    const before = await rest(storage);
    const { garbage } = await twoPasses(storage);
    expect(garbage).toMatchObject({
      groups: [],
      foreign: ["1st/", "go1/", "holiday.jpg", "photos/"],
      left: [{ place: "b1/meta/notes.txt" }],
    });
    expect(await rest(storage)).toEqual(before);
  });

  it("runGc() finishes deletions that were killed anywhere, at once and on record", async () => {
    for (const after of [1, 2, 4, 9, 14, 20, 25]) {
      const storage = await openNas();
      await expect(deleteBackup(failingStorage(storage, killedAfter(after)), "b1")).rejects.toThrow("killed");
      const report = await pass(storage);
      expect([after, report.exitStatus, report.summary]).toEqual([
        after,
        0,
        "nas: 0 objects of nobody deleted (0 B), 1 interrupted deletion finished",
      ]);
      expect(await keysOf(storage, "b1/")).toEqual([]);
      expect(await keysOf(storage, DELETIONS_PREFIX)).toHaveLength(1);
    }
  });

  it("runGc() deletes what a run has left that nobody can go on with, and keeps what a resumption needs", async () => {
    const storage = agingStorage(await killAfter(job, 12));
    await endLeases(storage);
    const runs = await keysOf(storage, ".milvus-backup/runs/");
    expect(runs.length).toBeGreaterThan(1);
    expect((await twoPasses(storage)).garbage?.groups).toEqual([]);
    expect(await keysOf(storage, ".milvus-backup/runs/")).toEqual(runs);
    const resumed = agingStorage(await cloneStorage(storage));
    expect((await resumeB1(anotherRun(job, resumed)))?.state ?? "nothing to resume").toBe("complete");
    await storage.delete(await keysOf(storage, "b1/"));
    const { garbage } = await twoPasses(storage);
    expect(garbage?.deleted.objects).toBe(runs.length);
    expect(await keysOf(storage, ".milvus-backup/runs/")).toEqual([]);
  });

  it("runGc() deletes leases, superseded locks and intents of the dead, but not an intent that names what a drill has left", async () => {
    const storage = await openNas();
    await writeAll(storage, {
      ".milvus-backup/locks/s/dead": encodeLock(lockOwner("dead")),
      ".milvus-backup/locks/t/dead": "",
      ".milvus-backup/intents/dead": "",
    });
    await writeIntent(storage, {
      kind: "drill",
      runId: "dead2",
      address: "localhost:19530",
      databases: ["drill_dead2"],
    });
    storage.advance(DAY_MS);
    const { garbage } = await twoPasses(storage);
    expect(garbage?.deleted.objects).toBe(3);
    expect(garbage?.left).toMatchObject([{ place: ".milvus-backup/intents/dead2" }]);
    expect((await keysOf(storage, ".milvus-backup/locks/")).every((key) => key.includes("/x/"))).toBe(true);
    expect(await keysOf(storage, ".milvus-backup/intents/")).toEqual([".milvus-backup/intents/dead2"]);
  });

  it("runGc() is refused while somebody lives there, and deletes nothing", async () => {
    const storage = await openNas();
    await writeAll(storage, { [STRAY]: "deletes" });
    await pass(storage);
    storage.advance(DAY_MS);
    await writeAll(storage, { ".milvus-backup/locks/s/r9": encodeLock(lockOwner("r9")) });
    await expect(pass(storage)).rejects.toMatchObject({ code: "locked" });
    expect(await keysOf(storage, STRAY)).toEqual([STRAY]);
  });

  it("runGc() that is killed at any of its calls harms no backup, and later passes finish", async () => {
    for (let nth = 1, isKilled = true; isKilled; nth += 3) {
      const storage = await openNas();
      await writeAll(storage, {
        [STRAY]: "deletes",
        "b2/meta/manifest.json": await readText(storage, "b1/meta/manifest.json"),
      });
      const before = await contentsOf(nas, "b1/");
      await pass(storage);
      storage.advance(DAY_MS);
      const report = await pass(failingStorage(storage, killedAfter(nth))).catch(() => undefined);
      isKilled = report?.exitStatus !== 0;
      storage.advance(DAY_MS);
      await pass(storage);
      expect(await contentsOf(storage, "b1/")).toEqual(before);
      expect((await listBackups(storage)).map(({ name, state }) => [name, state])).toContainEqual(["b1", "complete"]);
    }
  });
});

describe("a restore that has died", () => {
  const record = {
    formatVersion: 1,
    runId: "20261101_restore",
    backup: "b1",
    startedAt: "2026-11-01T00:00:00.000Z",
    asked: "x",
    address: "localhost:19530",
  } as const;
  const key = `.milvus-backup/runs/${record.runId}/restore.json`;
  const temporary = `restore_temp_${record.runId}/200/insert_log/1`;

  async function openBoth(): Promise<{ storage: AgingStorage; bucket: AgingStorage; sources: readonly GcSource[] }> {
    const storage = await openNas();
    const bucket = agingStorage(openMemory());
    await writeAll(storage, { [key]: encodeRestoreRecord(record) });
    await writeAll(bucket, {
      [temporary]: "rows",
      "restore_temp_other/1": "x",
      [`restore_temp_${record.runId}x/1`]: "y",
      "files/insert_log/1": "z",
    });
    const connect = (): Promise<never> => Promise.reject(new Error("nothing is in Milvus"));
    const source = { name: "prod", address: record.address, open: async () => bucket, connect };
    return { storage, bucket, sources: [source] };
  }

  it("has its temporary copy deleted, and nothing else of the bucket; its record stays as long as it can be resumed", async () => {
    const { storage, bucket, sources } = await openBoth();
    await pass(storage, sources);
    for (const one of [storage, bucket]) one.advance(DAY_MS);
    const { garbage } = await pass(storage, sources);
    expect(garbage?.deleted).toEqual({ objects: 1, bytes: 4 });
    expect(await keysOf(bucket)).toEqual([
      "files/insert_log/1",
      "restore_temp_20261101_restorex/1",
      "restore_temp_other/1",
    ]);
    expect(await keysOf(storage, key)).toEqual([key]);
    await deleteBackup(storage, "b1");
    expect((await twoPasses(storage, sources)).garbage?.deleted.objects).toBe(1);
    expect(await keysOf(storage, key)).toEqual([]);
  });

  it("keeps its record while nobody can look at the storage that it names", async () => {
    const { storage, sources } = await openBoth();
    await deleteBackup(storage, "b1");
    const elsewhere = sources.map((source) => ({ ...source, address: "elsewhere:19530" }));
    const away = sources.map((source) => ({
      ...source,
      open: () => Promise.reject(Object.assign(new Error("away"), { name: "StorageError", code: "unavailable" })),
    }));
    for (const unseen of [[], elsewhere, away]) {
      const { garbage } = await twoPasses(storage, unseen);
      expect(garbage).toMatchObject({ groups: [], left: [{ place: `.milvus-backup/runs/${record.runId}/` }] });
    }
    expect(await keysOf(storage, key)).toEqual([key]);
  });
});

describe("previewGc()", () => {
  it("previewGc() shows what a pass would do, and changes nothing", async () => {
    const storage = await openNas();
    await writeAll(storage, { [STRAY]: "deletes" });
    const before = await contentsOf(storage);
    const request = { target: toTarget("nas", failingStorage(storage, killedAfter(0))), sources: [], minAgeMs: DAY_MS };
    const summary = await previewGc(request, createTestRun("look"));
    expect(summary.groups).toMatchObject([{ place: "b1/", objects: 1, state: "waiting" }]);
    expect(await contentsOf(storage)).toEqual(before);
  });
});
