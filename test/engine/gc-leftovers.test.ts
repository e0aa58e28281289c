/** What gc finds besides objects of backups: databases of dead drills, records of what is gone. */
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listDrillIntents, writeIntent } from "../../src/catalog/intents.ts";
import { holdLease } from "../../src/catalog/lease.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { BackupError } from "../../src/core/errors.ts";
import type { RunReport } from "../../src/core/report.ts";
import { runGc } from "../../src/engine/gc.ts";
import type { GcSource } from "../../src/engine/gc-temporary.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { agingStorage } from "../support/aging-storage.ts";
import type { AgingStorage } from "../support/aging-storage.ts";
import { createTestRun, openTestJob, toTarget } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { manifestOf } from "../support/manifests.ts";
import { cloneStorage, keysOf, writeAll } from "../support/storage-content.ts";

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
    const away = await twoPasses(storage, [sourceOf(job, { connect })]);
    expect([away.exitStatus, away.garbage?.groups]).toEqual([0, []]);
    expect(away.garbage?.left).toEqual([
      {
        place: ".milvus-backup/intents/dead",
        why: "a drill has died: prod cannot be asked whether it has drill_dead: Cannot reach Milvus",
      },
    ]);
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

  it("runGc() keeps it where the Milvus of its address is another one, which goes by the same, for 30 days", async () => {
    await using job = await openTestJob({ collections: ["shop.b"] });
    await using other = await openTestJob({ collections: ["shop.c"] });
    const storage = agingStorage(openMemory());
    await leaveDead(job, storage);
    const { address } = job.source.milvus;
    const last = await twoPasses(storage, [sourceOf(other, { address })]);
    expect([last.exitStatus, last.garbage?.groups]).toEqual([0, []]);
    expect(last.garbage?.left).toMatchObject([
      {
        place: ".milvus-backup/intents/dead",
        why: expect.stringContaining("not in this Milvus: prod has no drill_dead") as string,
      },
    ]);
    const both = [sourceOf(other, { address }), sourceOf(job, { name: "prod2" })];
    const kept = agingStorage(await cloneStorage(storage));
    await twoPasses(kept, both);
    expect([job.world.databases.has("drill_dead"), await listDrillIntents(kept)]).toEqual([false, []]);
    expect([other.fake.sent("DropDatabase"), (await listDrillIntents(storage)).length]).toEqual([[], 1]);
    storage.advance(30 * DAY_MS);
    await twoPasses(storage, [sourceOf(other, { address })]);
    expect(await listDrillIntents(storage)).toEqual([]);
  });

  it("runGc() fails, and keeps it, when Milvus goes away before its databases are dropped", async () => {
    await using job = await openTestJob({ collections: ["shop.b"] });
    const storage = agingStorage(openMemory());
    await leaveDead(job, storage);
    const there = sourceOf(job);
    let asked = 0;
    const connect: GcSource["connect"] = async () => {
      asked += 1; // in each pass by the look, in the second one also by the step
      if (asked === 3) throw new BackupError("unreachable", "Cannot reach Milvus");
      return await there.connect();
    };
    expect((await twoPasses(storage, [{ ...there, connect }])).exitStatus).toBe(14);
    expect([job.world.databases.has("drill_dead"), (await listDrillIntents(storage)).length]).toEqual([true, 1]);
    expect((await pass(storage, [there])).exitStatus).toBe(0);
    expect([job.world.databases.has("drill_dead"), await listDrillIntents(storage)]).toEqual([false, []]);
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
