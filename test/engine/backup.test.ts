import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { openBackup } from "../../src/catalog/open-backup.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import { BackupError } from "../../src/core/errors.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { bytesBody } from "../../src/io/body.ts";
import { collect } from "../support/collect.ts";
import { backUp, openTestJob } from "../support/engine-run.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { ok } from "../support/fake-milvus.ts";
import { ROWS } from "../support/milvus-world.ts";
import { recordingStorage } from "../support/recording-storage.ts";
import { keysOf } from "../support/storage-content.ts";
import { withoutRecords } from "../support/target-records.ts";

const NAMES = ["default.a", "shop.b", "shop.c"];
const select = (...include: readonly string[]) => ({ select: { include, exclude: [] } });

/** What the world's collections have: 2 segments of 4 objects, each "rows of field N". */
const OBJECTS = 8;

/** The first partition's id, as the collection had only that. */
function firstOf(reply: object): readonly string[] {
  return "partitionIDs" in reply && Array.isArray(reply.partitionIDs) ? reply.partitionIDs.slice(0, 1) : [];
}

async function statesIn(target: Storage): Promise<Readonly<Record<string, string>>> {
  const manifest = await readManifest(target, "b1");
  return Object.fromEntries(
    (manifest?.collections ?? []).map(({ database, name, state }) => [`${database}.${name}`, state]),
  );
}

/** The ids of the collections that the backup has payload or lists of. */
async function collectionsIn(target: Storage): Promise<readonly string[]> {
  const keys = await keysOf(target, "b1/");
  const ids = keys.flatMap((key) => /(?:_log\/|objects\/)(\d+)/.exec(key)?.[1] ?? []);
  return [...new Set(ids)];
}

describe("runBackup()", () => {
  it("runBackup() takes every collection, and what it calls complete can be opened and read", async () => {
    const target = openMemory();
    await using job = await openTestJob({ collections: NAMES, target });
    const report = await backUp(job);
    expect([report.state, report.exitStatus, report.collections.map(({ rows, objects }) => [rows, objects])]).toEqual([
      "complete",
      0,
      NAMES.map(() => [ROWS, OBJECTS]),
    ]);
    const { entry, manifest, collections } = await openBackup(target, "b1");
    expect([entry.state, entry.collections, entry.bytes]).toEqual([
      "complete",
      3,
      3 * (report.collections[0]?.bytes ?? 0),
    ]);
    expect(manifest).toMatchObject({ runId: job.run.runId, state: "complete", mode: "full", consistency: "flush" });
    const names = (await collect(collections)).map(({ db_name, collection_name }) => `${db_name}.${collection_name}`);
    expect(names.toSorted()).toEqual(NAMES);
  });

  it("runBackup() commits last: payload and lists, manifest, levels, full_meta, backup_meta", async () => {
    const target = recordingStorage(openMemory());
    await using job = await openTestJob({ collections: ["default.a", "shop.b"], target });
    await backUp(job);
    const changes = target.changes.filter((change) => !change.includes(".milvus-backup/"));
    expect(changes[0]).toBe("write b1/meta/manifest.json");
    expect(changes.slice(-6)).toEqual([
      "write b1/meta/manifest.json",
      "write b1/meta/segment_meta.json",
      "write b1/meta/partition_meta.json",
      "write b1/meta/collection_meta.json",
      "write b1/meta/full_meta.json",
      "write b1/meta/backup_meta.json",
    ]);
    const middle = changes.slice(1, -6);
    for (const id of await collectionsIn(target)) {
      const list = middle.indexOf(`write b1/meta/objects/${id}.jsonl.gz`);
      const payload = middle.findLastIndex((change) => change.includes(`insert_log/${id}/`));
      expect(payload).toBeGreaterThan(-1);
      expect(list).toBeGreaterThan(payload);
    }
    expect(middle).toHaveLength(2 * (OBJECTS + 1));
  });

  it("runBackup() says running, with a live lease, while it goes on, and leaves no lease behind", async () => {
    const target = openMemory();
    const seen: unknown[] = [];
    await using job = await openTestJob({
      collections: ["default.a"],
      target,
      handlers: ({ handlers }) => ({
        Flush: async (request) => {
          seen.push((await listBackups(target)).map(({ name, state }) => [name, state]));
          return handlers.Flush?.(request) ?? ok();
        },
      }),
    });
    await backUp(job);
    expect(seen).toEqual([[["b1", "running"]]]);
    expect(withoutRecords(await keysOf(target, ".milvus-backup/"))).toEqual([]);
  });

  it("runBackup() is partial when one collection fails, and keeps nothing of that one", async () => {
    const target = openMemory();
    const failing = failingStorage(
      target,
      failOn("full", ({ kind, key }) => kind === "write" && key.endsWith("300/302/351/351/101/1")),
    );
    await using job = await openTestJob({ collections: NAMES, target: failing });
    const report = await backUp(job);
    expect([report.state, report.exitStatus]).toEqual(["partial", 3]);
    expect(await statesIn(target)).toEqual({ "default.a": "complete", "shop.b": "failed", "shop.c": "complete" });
    expect(await collectionsIn(target)).toEqual(["200", "400"]);
    const names = (await collect((await openBackup(target, "b1")).collections)).map((meta) => meta.collection_name);
    expect(names.toSorted()).toEqual(["a", "c"]);
    expect(await listBackups(target)).toMatchObject([{ name: "b1", state: "partial", collections: 2 }]);
  });

  it("runBackup() fails when no collection is whole, and what it leaves is no backup", async () => {
    const target = openMemory();
    const failing = failingStorage(
      target,
      failOn("denied", ({ kind, key }) => kind === "write" && key.includes("binlogs")),
    );
    await using job = await openTestJob({ collections: NAMES, target: failing });
    const report = await backUp(job);
    expect([report.state, report.exitStatus]).toEqual(["failed", 12]);
    expect(await keysOf(target, "b1/")).toEqual(["b1/meta/manifest.json"]);
    expect(await listBackups(target)).toMatchObject([{ name: "b1", state: "failed", reason: report.summary }]);
  });

  it.each([
    ["a", "missing", "partial", 3],
    ["*", "dropped", "complete", 0],
  ])("runBackup() of a collection that %s selects and that is dropped meanwhile: %s", async (...given) => {
    const [pattern, state, whole, exitStatus] = given;
    const target = openMemory();
    await using job = await openTestJob({
      collections: NAMES,
      target,
      handlers: (world) => ({
        GetPersistentSegmentInfo: (request) => {
          if (request["collectionName"] === "a") world.drop("default.a");
          return world.handlers.GetPersistentSegmentInfo?.(request) ?? ok();
        },
      }),
    });
    const report = await backUp(job, select(pattern, "shop.*"));
    expect([report.state, report.exitStatus, await statesIn(target)]).toEqual([
      whole,
      exitStatus,
      { "default.a": state, "shop.b": "complete", "shop.c": "complete" },
    ]);
  });

  it("runBackup() is partial when a collection is renamed meanwhile: its rows live on, and are not in the backup", async () => {
    await using job = await openTestJob({
      collections: NAMES,
      handlers: (world) => ({
        GetPersistentSegmentInfo: (request) => {
          if (request["collectionName"] === "a") {
            world.handlers.RenameCollection?.({ db_name: "default", oldName: "a", newName: "a_old" });
          }
          return world.handlers.GetPersistentSegmentInfo?.(request) ?? ok();
        },
      }),
    });
    const report = await backUp(job, select("*.*"));
    expect([report.state, report.exitStatus]).toEqual(["partial", 3]);
    expect(report.collections.find(({ collection }) => collection.name === "a")).toMatchObject({
      state: "failed",
      error: { message: "default.a was renamed to default.a_old during the run" },
    });
  });

  it("runBackup() describes a collection anew when it got a partition after it was described", async () => {
    let described = 0;
    await using job = await openTestJob({
      collections: ["default.a"],
      handlers: (world) => ({
        ShowPartitions: (request) => {
          described += 1;
          const reply = world.handlers.ShowPartitions?.(request) ?? ok();
          return described > 1 ? reply : { ...reply, partition_names: ["_default"], partitionIDs: firstOf(reply) };
        },
      }),
    });
    const report = await backUp(job);
    expect([report.state, report.collections[0]?.rows]).toEqual(["complete", ROWS]);
  });

  it("runBackup() fails when everything was dropped meanwhile", async () => {
    const target = openMemory();
    await using job = await openTestJob({
      collections: ["default.a"],
      target,
      handlers: (world) => ({
        DescribeCollection: (request) => {
          world.drop("default.a");
          return world.handlers.DescribeCollection?.(request) ?? ok();
        },
      }),
    });
    const report = await backUp(job);
    expect([report.state, report.exitStatus, report.errors.map(({ message }) => message)]).toEqual([
      "failed",
      1,
      [expect.stringContaining("No collection is whole")],
    ]);
    expect((await listBackups(target)).map(({ state }) => state)).toEqual(["failed"]);
  });

  it("runBackup() that is stopped leaves a manifest that says interrupted, and no lease", async () => {
    const target = openMemory();
    const controller = new AbortController();
    let copied = 0;
    const stopping = failingStorage(target, ({ kind, key }) => {
      if (kind !== "write" || !key.includes("binlogs")) return undefined;
      copied += 1;
      if (copied === 3) controller.abort(new BackupError("interrupted", "The run was stopped by SIGINT"));
      return undefined;
    });
    await using job = await openTestJob({ collections: NAMES, target: stopping, signal: controller.signal });
    const report = await backUp(job);
    expect([report.state, report.exitStatus, report.collections.length]).toEqual(["interrupted", 130, 3]);
    expect((await readManifest(target, "b1"))?.state).toBe("interrupted");
    expect((await keysOf(target, "b1/meta/")).filter((key) => key.endsWith("_meta.json"))).toEqual([]);
    expect(await keysOf(target, ".milvus-backup/locks/")).toEqual([]);
  });

  it("runBackup() that is stopped after its commit is complete", async () => {
    const target = openMemory();
    const controller = new AbortController();
    const late: Storage = {
      ...target,
      write: async (key, body, options) => {
        const info = await target.write(key, body, options);
        if (key.endsWith("backup_meta.json")) controller.abort(new BackupError("interrupted", "stopped"));
        return info;
      },
    };
    await using job = await openTestJob({ collections: ["default.a"], target: late, signal: controller.signal });
    const report = await backUp(job);
    expect([report.state, report.exitStatus, (await listBackups(target))[0]?.state]).toEqual([
      "complete",
      0,
      "complete",
    ]);
  });

  it.each(["segment", "full", "backup"])(
    "runBackup() is no backup when %s_meta.json cannot be written",
    async (level) => {
      const target = openMemory();
      const failing = failingStorage(
        target,
        failOn("full", ({ kind, key }) => kind === "write" && key.endsWith(`/${level}_meta.json`)),
      );
      await using job = await openTestJob({ collections: NAMES, target: failing });
      const report = await backUp(job);
      expect([report.state, report.exitStatus]).toEqual(["failed", 1]);
      expect(await listBackups(target)).toMatchObject([{ name: "b1", state: "failed" }]);
    },
  );

  it("runBackup() refuses a name that is taken, and leaves what is there as it is", async () => {
    const target = openMemory();
    await target.write("b1/readme", bytesBody("mine"));
    await using job = await openTestJob({ collections: NAMES, target });
    const report = await backUp(job);
    expect([report.state, report.exitStatus, report.errors.map(({ message }) => message)]).toEqual([
      "failed",
      15,
      ["There is a backup b1 already"],
    ]);
    expect([report.collections.length, await keysOf(target)]).toEqual([3, ["b1/readme"]]);
  });

  it("runBackup() lets one of two runs of a name win, and the other touches nothing of it", async () => {
    const target = openMemory();
    await using one = await openTestJob({ collections: NAMES, target });
    await using two = await openTestJob({ collections: NAMES, target });
    const reports = await Promise.all([backUp(one), backUp(two)]);
    expect(reports.map(({ state }) => state).toSorted()).toEqual(["complete", "failed"]);
    const winner = reports.find(({ state }) => state === "complete");
    expect((await readManifest(target, "b1"))?.runId).toBe(winner?.runId);
    expect((await listBackups(target))[0]?.state).toBe("complete");
  });

  it("runBackup() leaves nothing in the target when the source is away before it begins", async () => {
    const target = openMemory();
    await using job = await openTestJob({ collections: NAMES, target });
    await job.fake[Symbol.asyncDispose]();
    await expect(backUp(job)).rejects.toMatchObject({ code: "unreachable" });
    expect(await keysOf(target)).toEqual([]);
  }, 40_000);

  it("runBackup() takes a collection anew when its files go away under the copy", async () => {
    const target = openMemory();
    const root = openMemory();
    await using job = await openTestJob({
      collections: ["default.a"],
      target,
      root: failingStorage(root, oneTimeMissing("files/insert_log/200/201/250/101/1")),
    });
    const report = await backUp(job);
    expect([report.state, await collectionsIn(target)]).toEqual(["complete", ["200"]]);
    expect(job.run.events.flatMap((event) => (event.type === "notice" ? [event.message] : []))).toEqual([
      "default.a changed under the copy: it is captured anew",
    ]);
  });

  it("runBackup() gives up on a collection whose files keep going away, and keeps nothing of it", async () => {
    const target = openMemory();
    const gone = failOn("missing", ({ kind, key }) => kind === "read" && key.includes("/300/"));
    await using job = await openTestJob({ collections: NAMES, target, root: failingStorage(openMemory(), gone) });
    expect((await backUp(job)).state).toBe("partial");
    expect([await statesIn(target), await collectionsIn(target)]).toEqual([
      { "default.a": "complete", "shop.b": "failed", "shop.c": "complete" },
      ["200", "400"],
    ]);
  });

  it("runBackup() calls a log damage that Milvus names in every capture and that is gone at every copy", async () => {
    const looks = new Map<string, number>();
    const goneAtCopy = failOn("missing", ({ kind, key }) => {
      if (kind !== "read" || !key.includes("/300/")) return false;
      looks.set(key, (looks.get(key) ?? 0) + 1);
      return (looks.get(key) ?? 0) % 2 === 0; // the capture looks into it first
    });
    await using job = await openTestJob({ collections: NAMES, root: failingStorage(openMemory(), goneAtCopy) });
    const { state, exitStatus } = await backUp(job);
    expect([state, exitStatus]).toEqual(["partial", 4]);
  });

  it("runBackup() with meta-only takes no rows and asks for no flush", async () => {
    const target = openMemory();
    await using job = await openTestJob({ collections: NAMES, target });
    const report = await backUp(job, { consistency: "meta-only" });
    expect([report.state, job.fake.sent("Flush"), await keysOf(target, "b1/binlogs/")]).toEqual(["complete", [], []]);
    const metas = await collect((await openBackup(target, "b1")).collections);
    expect(metas.map(({ schema }) => schema.fields.length)).toEqual([2, 2, 2]);
  });

  it("runBackup() with skip-flush takes what is persisted, and names what is left out", async () => {
    const growing = { segmentID: "299", collectionID: "200", partitionID: "201", num_rows: "3", state: 2 };
    await using job = await openTestJob({
      collections: ["default.a"],
      handlers: ({ handlers }) => ({
        GetPersistentSegmentInfo: async (request) => {
          const reply = (await handlers.GetPersistentSegmentInfo?.(request)) as { readonly infos: readonly object[] }; // as the world makes it
          return { ...reply, infos: [...reply.infos, growing] };
        },
      }),
    });
    const report = await backUp(job, { consistency: "skip-flush" });
    expect([report.state, job.fake.sent("Flush"), report.collections[0]?.rows]).toEqual(["complete", [], ROWS]);
    expect(report.collections[0]?.notes).toEqual([
      expect.stringMatching(/^segment 299 \(3 rows\) is left out: its state is growing/),
    ]);
  });

  it("runBackup() tells its events in order: started, plan, steps, committed, finished", async () => {
    await using job = await openTestJob({ collections: ["default.a"] });
    await backUp(job);
    const told = job.run.events.filter(({ type }) => type !== "step.progress");
    expect(told.map((event) => ("step" in event ? `${event.type} ${event.step}` : event.type))).toEqual([
      "run.started",
      "plan.made",
      "step.started begin",
      "step.finished begin",
      "step.started default.a",
      "collection.finished",
      "step.finished default.a",
      "step.started commit",
      "backup.committed",
      "step.finished commit",
      "run.finished",
    ]);
    expect(new Set(job.run.events.map(({ runId }) => runId))).toEqual(new Set([job.run.runId]));
  });

  it("runBackup() gives its report also when the target is gone in the end", async () => {
    const target = openMemory();
    let isGone = false;
    const going = failingStorage(target, ({ kind, key }) => {
      if (kind === "write" && key.includes("binlogs")) isGone = true;
      return isGone ? failOn("unavailable", () => true)({ kind, key }) : undefined;
    });
    await using job = await openTestJob({ collections: ["default.a"], target: going });
    const report = await backUp(job);
    expect([report.state, report.exitStatus]).toEqual(["failed", 14]);
    const notices = job.run.events.flatMap((event) => (event.type === "notice" ? [event.message.split(":")[0]] : []));
    expect(notices).toEqual([
      "The state of the run could not be removed",
      "The manifest could not be brought up to date",
      "The lease could not be kept",
    ]);
  });

  it("runBackup() leaves nothing on this machine's disk", async () => {
    await using job = await openTestJob({ collections: NAMES });
    await backUp(job);
    expect((await readdir(tmpdir())).filter((name) => name.includes(`${job.run.runId}-`))).toEqual([]);
  });
});

/** The first reading of this object finds it gone. */
function oneTimeMissing(wanted: string) {
  let isFirst = true;
  return failOn("missing", ({ kind, key }) => {
    if (kind !== "read" || key !== wanted || !isFirst) return false;
    isFirst = false;
    return true;
  });
}
