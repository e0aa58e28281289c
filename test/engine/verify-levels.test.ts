/** Levels of verify beside the corpus: spot, parts, and backups of the Go tool. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { bytesBody } from "../../src/io/body.ts";
import { ok } from "../support/fake-milvus.ts";
import { backUp, closedTarget, openTestJob } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { GOLDEN_RELEASES } from "../support/golden.ts";
import { writeGolden } from "../support/golden-storage.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { copyStorage, keysOf } from "../support/storage-content.ts";
import { verify } from "../support/verify-run.ts";
import { priceLog, writeRows } from "../support/world-rows.ts";

let job: TestJob;
const root = openMemory();
let segments: ((collection: string) => object) | undefined;

beforeAll(async () => {
  job = await openTestJob({
    collections: ["shop.a"],
    root,
    handlers: ({ handlers }) => ({
      GetPersistentSegmentInfo: (request) =>
        segments?.(String(request["collectionName"])) ?? handlers.GetPersistentSegmentInfo?.(request) ?? ok(),
    }),
  });
  await writeRows(root);
  expect((await backUp(job)).state).toBe("complete");
});

afterAll(() => job[Symbol.asyncDispose]());

const spot = () => {
  const openSource = async () => ({ ...job.source, [Symbol.asyncDispose]: async () => {} });
  return verify(job, job.target.storage, { level: "spot", source: "prod", openSource });
};

/** A segment of the source, by its id. */
function segment(id: number, rows: number): object {
  return { segmentID: String(id), collectionID: "200", partitionID: "201", num_rows: String(rows), state: 4 };
}

describe("verify --level spot", () => {
  it("spot compares counts and rows of the segments that the source still has", async () => {
    const { exitStatus, checks: [check] = [] } = await spot();
    expect([exitStatus, check?.verdict, check?.notes]).toEqual([
      0,
      "ok",
      ["shop.a: 2 of 2 segments still at the source, 12 rows compared field by field"],
    ]);
  });

  it("spot compares them once what was missing is healed", async () => {
    const storage = openMemory();
    await copyStorage(job.target.storage, storage);
    await storage.delete(["b1/binlogs/insert_log/200/201/250/250/100/1"]);
    const asked = (): number => job.fake.sent("GetPersistentSegmentInfo").length;
    const before = asked();
    let atEnd = before;
    const openSource = async () => ({ ...job.source, [Symbol.asyncDispose]: async () => void (atEnd = asked()) });
    const repair = { targets: [closedTarget("copy", job.target.storage)] };
    const report = await verify(job, storage, { level: "spot", source: "prod", openSource, repair });
    const [check] = report.checks ?? [];
    expect([report.exitStatus, check?.verdict, check?.unproven, check?.notes.length], report.summary).toEqual([
      0,
      "ok",
      [],
      1,
    ]);
    expect(atEnd).toBeGreaterThan(before); // the source was open until it had answered
  });

  it("spot tolerates segments that came and went since", async () => {
    segments = () => ok({ infos: [segment(250, 5), segment(999, 1000)] });
    const { checks: [check] = [] } = await spot();
    segments = () => ok({ infos: [segment(999, 1000)] });
    const { checks: [later] = [] } = await spot();
    segments = undefined;
    expect([check?.verdict, check?.notes[0], later?.verdict, later?.unproven]).toEqual([
      "ok",
      "shop.a: 1 of 2 segments still at the source, 5 rows compared field by field",
      "ok",
      ["shop.a: the source has compacted its segments since"],
    ]);
  });

  it("spot finds a count and a value that are not the source's", async () => {
    segments = () => ok({ infos: [segment(250, 6), segment(251, 7)] });
    const key = "files/insert_log/200/202/251/101/1";
    const other = priceLog(7, 2.5);
    await root.write(key, bytesBody(other));
    const { exitStatus, checks: [check] = [] } = await spot();
    segments = undefined;
    await root.write(key, bytesBody(priceLog(7)));
    expect([exitStatus, check?.damage.map((one) => [one.segment, one.message])]).toEqual([
      4,
      [
        ["250", "the source has 6 rows in it, the backup 5"],
        ["251", "its row 1 is another than at the source"],
      ],
    ]);
  });

  it("spot proves nothing of a collection that the source does not have any more", async () => {
    const world = await openTestJob({ collections: ["shop.other"] });
    await using _ = world;
    const openSource = async () => ({ ...world.source, [Symbol.asyncDispose]: async () => {} });
    const { checks: [check] = [] } = await verify(job, job.target.storage, {
      level: "spot",
      source: "prod",
      openSource,
    });
    expect([check?.verdict, check?.proven, check?.unproven]).toEqual([
      "ok",
      "objects",
      ["shop.a: prod has no collection of this name and id any more"],
    ]);
  });
});

describe("verify of a backup of the Go tool", () => {
  it.each(GOLDEN_RELEASES)("every byte of one of %s is read, and said not to be compared", async (release) => {
    const storage = openMemory();
    await writeGolden(storage, release, "b1");
    const { exitStatus, checks: [check] = [] } = await verify(job, storage, { level: "checksum" });
    expect([exitStatus, check?.damage, check?.collections]).toEqual([0, [], 5]);
    expect(check?.unproven).toEqual([
      `${check?.objects} objects could be read whole, but not compared: the Go tool records no checksums`,
    ]);
    expect((await listBackups(storage))[0]?.verified?.level).toBe("objects"); // read is not compared
  });

  it("an object of one that is missing, resized or too many is damage", async () => {
    const storage = openMemory();
    await writeGolden(storage, "v0.5.16", "b1");
    const [first = "", second = ""] = await keysOf(storage, "b1/binlogs/insert_log/");
    await storage.delete([first]);
    await storage.write(second, bytesBody("short"));
    await storage.write(`${second}9`, bytesBody("more"));
    const { exitStatus, checks: [check] = [] } = await verify(job, storage, { level: "objects" });
    expect([exitStatus, check?.damage.map(({ kind }) => kind).toSorted()]).toEqual([
      4,
      ["extra", "missing", "resized"],
    ]);
  });
});

describe("verify --repair of what it cannot prove", () => {
  it("names damage of a backup of the Go tool, and heals nothing", async () => {
    const storage = openMemory();
    await writeGolden(storage, "v0.5.16", "b1");
    const [first = ""] = await keysOf(storage, "b1/binlogs/insert_log/");
    await storage.delete([first]);
    const before = await keysOf(storage, "b1/");
    const { exitStatus, checks } = await verify(job, storage, { level: "checksum", repair: { targets: [] } });
    expect([exitStatus, checks?.[0]?.damage.map(({ healedFrom }) => healedFrom)]).toEqual([4, [undefined]]);
    expect(await keysOf(storage, "b1/")).toEqual(before);
  });

  it("asks the next one when a place that may have it fails in the middle", async () => {
    const key = "b1/binlogs/insert_log/200/201/250/250/100/1";
    const storage = openMemory();
    await copyStorage(job.target.storage, storage);
    await storage.delete([key]);
    const away = failingStorage(
      job.target.storage,
      failOn("unavailable", (one) => one.kind === "stat" && one.key === key),
    );
    const repair = { targets: [closedTarget("away", away), closedTarget("offsite", job.target.storage)] };
    const { exitStatus, checks } = await verify(job, storage, { level: "checksum", repair });
    expect([exitStatus, checks?.[0]?.damage.map(({ healedFrom }) => healedFrom)]).toEqual([0, ["offsite"]]);
  });

  it("asks the next one when a place breaks while its object is written, and is not damage of the target's", async () => {
    const key = "b1/binlogs/insert_log/200/201/250/250/100/1";
    const storage = openMemory();
    await copyStorage(job.target.storage, storage);
    await storage.delete([key]);
    let reads = 0; // the first is that of its checksum
    const isSecond = failOn("unavailable", (one) => one.kind === "read" && one.key === key && (reads += 1) > 1);
    const away = failingStorage(job.target.storage, isSecond);
    const repair = { targets: [closedTarget("away", away), closedTarget("offsite", job.target.storage)] };
    const { exitStatus, checks } = await verify(job, storage, { level: "checksum", repair });
    expect([exitStatus, reads, checks?.[0]?.damage.map(({ healedFrom }) => healedFrom)]).toEqual([0, 2, ["offsite"]]);
  });

  it("ends when the target itself cannot be written, which no other place mends", async () => {
    const key = "b1/binlogs/insert_log/200/201/250/250/100/1";
    const storage = openMemory();
    await copyStorage(job.target.storage, storage);
    await storage.delete([key]);
    const full = failingStorage(
      storage,
      failOn("full", (one) => one.kind === "write" && one.key === key),
    );
    const repair = { targets: [closedTarget("offsite", job.target.storage)] };
    const { exitStatus, checks, errors } = await verify(job, full, { level: "checksum", repair });
    expect([exitStatus, checks, errors[0]?.message]).toEqual([1, undefined, expect.stringContaining(key)]);
  });

  it("names the damage of a collection whose list nobody has any more", async () => {
    const storage = openMemory();
    await copyStorage(job.target.storage, storage);
    await storage.write("b1/meta/objects/200.jsonl.gz", bytesBody("no list"));
    const copy = openMemory();
    await copyStorage(storage, copy);
    await storage.delete(["b1/binlogs/insert_log/200/201/250/250/100/1"]);
    const repair = { targets: [closedTarget("offsite", copy)] };
    const { exitStatus, checks } = await verify(job, storage, { level: "checksum", repair });
    expect([exitStatus, checks?.[0]?.damage.map(({ kind, healedFrom }) => [kind, healedFrom])]).toEqual([
      4,
      [
        ["unreadable", undefined],
        ["missing", undefined],
      ],
    ]);
  });
});

describe("verify and its surroundings", () => {
  it("a store that is away is no damage, and nothing is recorded", async () => {
    const { storage } = job.target;
    const before = await keysOf(storage);
    const away: Storage = {
      ...storage,
      read: (key, options) =>
        key.startsWith("b1/")
          ? Promise.reject(Object.assign(new Error("away"), { name: "StorageError", code: "unavailable" }))
          : storage.read(key, options),
    };
    const { exitStatus, checks } = await verify(job, away, { level: "checksum" });
    expect([exitStatus, checks, await keysOf(storage)]).toEqual([14, undefined, before]);
  });

  it("a check that is stopped is interrupted, and nothing is recorded", async () => {
    const { storage } = job.target;
    const before = await keysOf(storage);
    const stop = new AbortController();
    const stopping: Storage = {
      ...storage,
      read: (key, options) => {
        if (key.includes("/binlogs/")) stop.abort(new Error("stopped"));
        return storage.read(key, options);
      },
    };
    const { state, exitStatus } = await verify(job, stopping, { level: "checksum", signal: stop.signal });
    expect([state, exitStatus, await keysOf(storage)]).toEqual(["interrupted", 130, before]);
  });
});
