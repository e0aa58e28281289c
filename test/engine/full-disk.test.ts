/** Deletions on a disk without a free byte: on record all the same, and whole. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { findBackup } from "../../src/catalog/open-backup.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { planDelete } from "../../src/core/delete-plan.ts";
import type { RunReport } from "../../src/core/report.ts";
import { runDelete } from "../../src/engine/delete.ts";
import { runGc } from "../../src/engine/gc.ts";
import { DELETIONS_PREFIX } from "../../src/format/deletion.ts";
import { MANIFEST_KEY, RESERVE_KEY } from "../../src/format/keys.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { backUp, createTestRun, openTestJob, toTarget } from "../support/engine-run.ts";
import type { TestJob, TestRun } from "../support/engine-run.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { fullStorage } from "../support/full-storage.ts";
import { cloneStorage, contentsOf, keysOf, writeAll } from "../support/storage-content.ts";

let job: TestJob;
const nas = openMemory();

beforeAll(async () => {
  job = await openTestJob({ collections: ["default.a"], target: nas });
  expect((await backUp(job)).state).toBe("complete");
});

afterAll(() => job[Symbol.asyncDispose]());

async function remove(storage: Storage, run: TestRun = createTestRun("r1")): Promise<RunReport> {
  const plan = planDelete(await findBackup(storage, "b1"), "nas");
  return await runDelete(plan, run, toTarget("nas", storage));
}

describe("runBackup()", () => {
  it("runBackup() keeps room in its target for the day when it is full, and makes it once", async () => {
    expect((await nas.stat(RESERVE_KEY))?.bytes).toBe(128 * 1024);
  });

  it("runBackup() goes on without where there is no room for it, and says so", async () => {
    const target = failingStorage(
      openMemory(),
      failOn("full", ({ kind, key }) => kind === "write" && key === RESERVE_KEY),
    );
    await using other = await openTestJob({ collections: ["default.a"], target });
    expect((await backUp(other)).state).toBe("complete");
    expect(other.run.events).toContainEqual(
      expect.objectContaining({
        type: "notice",
        message: expect.stringMatching(/^No room is kept for deletions/) as string,
      }),
    );
  });
});

describe("runDelete()", () => {
  it("runDelete() records the deletion and deletes on a disk without a free byte, and keeps room again", async () => {
    const storage = await fullStorage(await cloneStorage(nas), 0);
    expect((await remove(storage)).exitStatus).toBe(0);
    expect(await keysOf(storage, "b1/")).toEqual([]);
    expect(await keysOf(storage, DELETIONS_PREFIX)).toHaveLength(1);
    expect((await storage.stat(RESERVE_KEY))?.bytes).toBe(128 * 1024);
  });

  it("runDelete() with any little room left has a record of what is gone, or has deleted nothing", async () => {
    for (let leaving = 0; leaving < 8_000; leaving += 256) {
      const clone = await cloneStorage(nas);
      await clone.delete([RESERVE_KEY]);
      const storage = await fullStorage(clone, leaving);
      const before = await contentsOf(storage, "b1/");
      const report = await remove(storage).catch(() => undefined); // of the lock
      const isRecorded = (await keysOf(storage, DELETIONS_PREFIX)).length === 1;
      if (report?.exitStatus === 0) expect([await keysOf(storage, "b1/"), isRecorded]).toEqual([[], true]);
      else expect(await contentsOf(storage, "b1/")).toEqual(before);
    }
  });

  it("runDelete() marks a backup in short where there is no room for another copy of its manifest", async () => {
    const clone = await cloneStorage(nas);
    const manifest = await readManifest(clone, "b1");
    const [collection] = manifest?.collections ?? [];
    if (manifest === undefined || collection === undefined) throw new Error("there is no manifest");
    const schema = Buffer.alloc(200_000).toString("base64");
    const big = { ...manifest, collections: [{ ...collection, schema }] };
    await writeAll(clone, { [`b1/${MANIFEST_KEY}`]: encodeManifest(big) });
    const storage = await fullStorage(clone, 0);
    const stopped = failingStorage(
      storage,
      failOn("denied", ({ kind }) => kind === "delete" && isEmptied),
    );
    let isEmptied = false;
    const report = await remove({
      ...stopped,
      write: async (key, body, options) => {
        const info = await stopped.write(key, body, options);
        isEmptied ||= key === `b1/${MANIFEST_KEY}`; // marked: nothing goes from here on
        return info;
      },
    });
    expect(report.exitStatus).toBe(12);
    expect(await readManifest(storage, "b1")).toMatchObject({ state: "deleting", backup: "b1", collections: [] });
    await storage.delete(await keysOf(storage, ".milvus-backup/locks/"));
    expect((await remove(storage, createTestRun("r2"))).exitStatus).toBe(0);
    expect([await listBackups(storage), await keysOf(storage, "b1/")]).toEqual([[], []]);
  });
});

describe("runGc()", () => {
  it("runGc() finishes a deletion on a disk without a free byte", async () => {
    const clone = await cloneStorage(nas);
    const manifest = await readManifest(clone, "b1");
    if (manifest === undefined) throw new Error("there is no manifest");
    await writeAll(clone, { [`b1/${MANIFEST_KEY}`]: encodeManifest({ ...manifest, state: "deleting" }) });
    const storage = await fullStorage(clone, 0);
    const report = await runGc({ target: toTarget("nas", storage), sources: [], minAgeMs: 0 }, createTestRun("gc"));
    expect([report.exitStatus, await keysOf(storage, "b1/")]).toEqual([0, []]);
    expect(await keysOf(storage, DELETIONS_PREFIX)).toHaveLength(1);
  });
});
