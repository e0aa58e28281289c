/** Drills on the fake Milvus: what they make, and what becomes of it. Rows are looked at on the real one. */
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listDrillIntents, writeIntent } from "../../src/catalog/intents.ts";
import { holdLease } from "../../src/catalog/lease.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { findBackup } from "../../src/catalog/open-backup.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { StorageError } from "../../src/core/contracts/storage.ts";
import type { RunReport } from "../../src/core/report.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { bytesBody } from "../../src/io/body.ts";
import { ok, refused } from "../support/fake-milvus.ts";
import type { FakeHandler, FakeHandlers } from "../support/fake-milvus.ts";
import { backUp, closedTarget, openTestJob } from "../support/engine-run.ts";
import type { TestJob, TestRun } from "../support/engine-run.ts";
import { ROWS } from "../support/milvus-world.ts";
import { cloneStorage, keysOf } from "../support/storage-content.ts";
import { verify } from "../support/verify-run.ts";
import { writeRows } from "../support/world-rows.ts";

/** Answers with the rows that were restored, or such as have another price. */
function queryOf(price = 1.5): FakeHandler {
  return ({ expr, output_fields: fields }) => {
    const [first] = fields as readonly string[]; // by the proto file
    if (first === "count(*)") return ok({ fields_data: [{ scalars: { long_data: { data: [String(ROWS)] } } }] });
    const ids = /\[(.*)\]/.exec(String(expr))?.[1]?.split(",") ?? [];
    const prices = { field_name: "price", scalars: { float_data: { data: ids.map(() => price) } } };
    return ok({ fields_data: [{ field_name: "id", scalars: { long_data: { data: ids } } }, prices] });
  };
}

/** A job whose Milvus, with databases default and shop, was backed up into nas. */
async function openBackedUp(handlers: FakeHandlers = {}): Promise<TestJob> {
  const root = openMemory();
  const loaded: FakeHandlers = { GetLoadState: () => ok({ state: 3 }), Query: queryOf(), ...handlers };
  const opened = await openTestJob({ collections: ["default.a", "shop.b"], root, handlers: () => loaded });
  const job = { ...opened, limits: { ...opened.limits, collections: 1 } }; // a stands before b in the backup
  await writeRows(root);
  expect((await backUp(job)).state).toBe("complete");
  return job;
}

function drill(
  job: TestJob,
  storage: Storage = job.target.storage,
  signal: AbortSignal = new AbortController().signal,
): Promise<RunReport & { readonly run: TestRun }> {
  const openSource = async () => ({ ...job.source, [Symbol.asyncDispose]: async () => {} });
  return verify(job, storage, { level: "restore", source: "prod", openSource, signal });
}

function holdings({ world }: TestJob): readonly unknown[] {
  return [[...world.databases], [...world.collections.keys()]];
}

/** What a drill that was killed has left: its database, and the word of it. */
async function leaveDead(job: TestJob, runId: string): Promise<void> {
  const { milvus } = job.source;
  const database = `drill_${runId}`;
  await milvus.send("CreateDatabase", { properties: [] }, { database });
  const { address } = milvus;
  await writeIntent(job.target.storage, { kind: "drill", runId, address, databases: [database, "shop"] });
}

describe("runDrill", () => {
  it("runDrill() restores each database into one of its own, and drops them when it is done", async () => {
    await using job = await openBackedUp();
    const before = holdings(job);
    const { checks: [check] = [], run } = await drill(job);
    const made = job.fake.sent("CreateDatabase").map(({ db_name }) => db_name);
    expect(made).toEqual([`drill_${run.runId}`, `drill_2_${run.runId}`]);
    expect(job.fake.sent("DropDatabase").map(({ db_name }) => db_name)).toEqual(made);
    expect(job.fake.sent("CreateCollection")).toHaveLength(2);
    expect(holdings(job)).toEqual(before);
    expect(await listDrillIntents(job.target.storage)).toEqual([]);
    expect(check).toMatchObject({ level: "restore", verdict: "ok", objects: 16, collections: 2 });
  });

  it("runDrill() is done once what was missing is healed, and only then proves anything", async () => {
    await using job = await openBackedUp();
    const object = "b1/binlogs/insert_log/200/201/250/250/100/1";
    const donor = await cloneStorage(job.target.storage);
    await job.target.storage.delete([object]);
    const left = await drill(job);
    expect([left.exitStatus, left.checks?.[0]?.unproven]).toEqual([
      4,
      ["the restore check was left out, since there is damage"],
    ]);
    expect(job.fake.sent("CreateDatabase")).toEqual([]);
    const openSource = async () => ({ ...job.source, [Symbol.asyncDispose]: async () => {} });
    const repair = { targets: [closedTarget("donor", donor)] };
    const healed = await verify(job, job.target.storage, { level: "restore", source: "prod", openSource, repair });
    expect([healed.exitStatus, healed.checks?.[0]?.damage], healed.summary).toMatchObject([
      0,
      [{ healedFrom: "donor" }],
    ]);
    expect(job.fake.sent("CreateDatabase")).toHaveLength(2);
    expect((await findBackup(job.target.storage, "b1")).verified?.level).toBe("restore");
  });

  it("runDrill() finds a value that is another after the restore, and drops what it made", async () => {
    await using job = await openBackedUp({ Query: queryOf(2.5) });
    const before = holdings(job);
    const { exitStatus, checks: [check] = [] } = await drill(job);
    expect([exitStatus, check?.damage[0]]).toEqual([
      4,
      {
        kind: "different",
        collection: { database: "default", name: "a" },
        message: "the row 0 has another price after the restore",
      },
    ]);
    expect(holdings(job)).toEqual(before);
  });

  it("runDrill() drops what it made when the restore fails, which is no damage", async () => {
    await using job = await openBackedUp({ Import: () => refused(65_535, "the disk is full") });
    const before = holdings(job);
    const { exitStatus, errors, checks } = await drill(job);
    expect([exitStatus, checks]).toEqual([1, undefined]);
    expect(errors[0]?.message).toMatch(/^The drill failed: .*the disk is full/);
    expect([holdings(job), await listDrillIntents(job.target.storage)]).toEqual([before, []]);
  });

  it("runDrill() of a partial backup restores what is in it", async () => {
    await using job = await openBackedUp();
    const { storage } = job.target;
    const manifest = await readManifest(storage, "b1");
    if (manifest === undefined) throw new Error("There is no manifest");
    const lost = { id: "0", database: "shop", name: "c", rows: 0, segments: 0, objects: 0, bytes: 0 } as const;
    const collections = [...manifest.collections, { ...lost, state: "failed", reason: "it was away" } as const];
    const partial = encodeManifest({ ...manifest, state: "partial", collections });
    await storage.write("b1/meta/manifest.json", bytesBody(partial));
    expect(await drill(job)).toMatchObject({ exitStatus: 0, checks: [{ verdict: "ok", collections: 2 }] });
  });

  it("runDrill() that is stopped drops what it made, and is no success", async () => {
    const stop = new AbortController();
    await using job = await openBackedUp({
      Query: () => {
        stop.abort(new Error("stopped"));
        return ok();
      },
    });
    const before = holdings(job);
    const { state, checks } = await drill(job, job.target.storage, stop.signal);
    expect([state, checks, holdings(job), await listDrillIntents(job.target.storage)]).toEqual([
      "interrupted",
      undefined,
      before,
      [],
    ]);
  });

  it("runDrill() drops what a drill that died has left, and nothing that bears not its mark", async () => {
    await using job = await openBackedUp();
    const before = holdings(job);
    await leaveDead(job, "dead");
    expect(job.world.databases.has("drill_dead")).toBe(true);
    const { run } = await drill(job);
    expect(holdings(job)).toEqual(before);
    expect(await listDrillIntents(job.target.storage)).toEqual([]);
    const notices = run.events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
    expect(notices).toEqual(["the drill dead had died: dropped what it left, drill_dead"]);
  });

  it("runDrill() keeps the word of a drill that died of which nothing is here: its Milvus may be another host's", async () => {
    await using job = await openBackedUp();
    const { address } = job.source.milvus;
    const dead = { kind: "drill", runId: "dead", address, databases: ["drill_dead"] } as const;
    await writeIntent(job.target.storage, dead);
    const { exitStatus, run } = await drill(job);
    expect([exitStatus, run.events.filter(({ type }) => type === "notice")]).toEqual([0, []]);
    expect(await listDrillIntents(job.target.storage)).toEqual([dead]);
  });

  it("runDrill() leaves a drill alone that lives, and one of another Milvus", async () => {
    await using job = await openBackedUp();
    await leaveDead(job, "alive");
    await using _lease = await holdLease(job.target.storage, { owner: lockOwner("alive"), onFailure: () => {} });
    const other = { kind: "drill", runId: "other", address: "b:1", databases: ["x_other"] } as const;
    await writeIntent(job.target.storage, other);
    await drill(job);
    expect(job.world.databases.has("drill_alive")).toBe(true);
    expect((await listDrillIntents(job.target.storage)).map(({ runId }) => runId)).toEqual(["alive", "other"]);
  });

  it("runDrill() is no obstacle to itself: an intent that was cut short is passed over", async () => {
    await using job = await openBackedUp();
    await job.target.storage.write(".milvus-backup/intents/cut", bytesBody('{"kind":"dr'));
    expect((await drill(job)).exitStatus).toBe(0);
  });

  it("runDrill() does what it can from a target that is read-only, and says what it could not keep", async () => {
    await using job = await openBackedUp();
    const { storage } = job.target;
    const readOnly: Storage = {
      ...storage,
      write: async (key) => {
        throw new StorageError("denied", `Cannot write "${key}": the file system is read-only`, { key });
      },
    };
    const before = await keysOf(storage);
    const { exitStatus, run } = await drill(job, readOnly);
    const notices = run.events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
    expect([exitStatus, notices]).toEqual([
      0,
      [
        "nas cannot be written: the backup is checked without a lock",
        expect.stringMatching(/^nas cannot be written: after a crash drill_.* would be left in prod$/),
        "nas cannot be written: the result of the check is not recorded",
      ],
    ]);
    expect(await keysOf(storage)).toEqual(before);
  });
});
