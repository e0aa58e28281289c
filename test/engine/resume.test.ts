import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { openBackup } from "../../src/catalog/open-backup.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { bytesBody } from "../../src/io/body.ts";
import { anotherRun, backUp, createTestRun, openTestJob, resumeB1 } from "../support/engine-run.ts";
import { failingStorage, failOn, killedAfter } from "../support/failing-storage.ts";
import { recordingStorage } from "../support/recording-storage.ts";
import { timedStorage } from "../support/timed-storage.ts";
import { contentsOf, keysOf } from "../support/storage-content.ts";
import { withoutRecords } from "../support/target-records.ts";
import { countChanges, endLeases, killAfter, payloadOf } from "../support/unfinished.ts";

const NAMES = ["default.a", "shop.b"];
/** Of the two collections: 2 segments of 4 objects each. */
const OBJECTS = 16;

const PAYLOAD = /^write b1\/binlogs\//;

/** A target that takes no objects from its n-th one on, and no commit; what it has then. */
async function failAt(job: Awaited<ReturnType<typeof openTestJob>>, nth: number): Promise<Storage> {
  const target = openMemory();
  let objects = 0;
  const isMeant = ({ kind, key }: { readonly kind: string; readonly key: string }): boolean =>
    kind === "write" && (key.endsWith("_meta.json") || (key.includes("binlogs/") && (objects += 1) >= nth));
  const report = await backUp(anotherRun(job, failingStorage(target, failOn("unavailable", isMeant))));
  expect(report.state).toBe("failed");
  return target;
}

describe("a backup that was killed", () => {
  it("is resumed wherever it was killed, and is then the one that was not; what cannot be resumed is no backup", async () => {
    await using job = await openTestJob({ collections: NAMES });
    const whole = openMemory();
    await backUp(anotherRun(job, whole));
    const expected = await payloadOf(whole);
    const changes = await countChanges(job);
    const ends: string[] = [];
    for (let killedAt = 1; killedAt < changes; killedAt += 5) {
      const target = await killAfter(job, killedAt);
      const [left] = await listBackups(target);
      const report = await resumeB1(anotherRun(job, target));
      ends.push(`${left?.state ?? "nothing"}, ${report?.state ?? "not resumed"}`);
      if (report === undefined) continue;
      expect(await payloadOf(target)).toEqual(expected);
      expect(withoutRecords(await keysOf(target, ".milvus-backup/"))).toEqual([]);
      expect((await openBackup(target, "b1")).entry.state).toBe("complete");
    }
    expect([...new Set(ends)]).toEqual(["nothing, not resumed", "interrupted, complete", "complete, not resumed"]);
    expect(ends.filter((end) => end === "interrupted, complete").length).toBeGreaterThan(ends.length - 4);
  });

  it("keeps the time and the run that it was begun with", async () => {
    await using job = await openTestJob({ collections: NAMES });
    const target = await killAfter(job, 12);
    const before = await readManifest(target, "b1");
    await resumeB1(anotherRun(job, target));
    const after = await readManifest(target, "b1");
    expect(after).toMatchObject({ runId: before?.runId, startedAt: before?.startedAt, state: "complete" });
  });

  it("is not taken up while its lease lives, nor when another run was faster", async () => {
    await using job = await openTestJob({ collections: NAMES });
    const target = await killAfter(job, 12);
    const runId = (await readManifest(target, "b1"))?.runId ?? "";
    await target.write(`.milvus-backup/locks/s/${runId}`, bytesBody(runId));
    expect(await resumeB1(anotherRun(job, target))).toBeUndefined();
    await endLeases(target);
    const both = await Promise.all([resumeB1(anotherRun(job, target)), resumeB1(anotherRun(job, target))]);
    expect(both.map((report) => report?.exitStatus).toSorted()).toEqual([0, 11]);
    expect((await openBackup(target, "b1")).entry.state).toBe("complete");
  });

  it("is resumed although the clock jumps, there and back, while it is made and resumed", async () => {
    await using job = await openTestJob({ collections: NAMES });
    const target = openMemory();
    let asked = 0;
    const jumping = (): Date => {
      asked += 1;
      return new Date(Date.now() + (asked % 2 === 0 ? 1 : -1) * 20 * 60_000);
    };
    const jumpy = (into: Storage) => {
      const run = anotherRun(job, into);
      return { ...run, run: createTestRun(run.run.runId, { now: jumping }) };
    };
    await backUp(jumpy(failingStorage(target, killedAfter(14))));
    await endLeases(target);
    expect((await resumeB1(jumpy(target)))?.state).toBe("complete");
  });

  it("is never taken up once it is being deleted, or gone", async () => {
    await using job = await openTestJob({ collections: NAMES });
    const target = await killAfter(job, 12);
    const manifest = JSON.parse((await contentsOf(target, "b1/meta/"))["b1/meta/manifest.json"] ?? "") as object;
    await target.write("b1/meta/manifest.json", bytesBody(JSON.stringify({ ...manifest, state: "deleting" })));
    expect(await resumeB1(anotherRun(job, target))).toBeUndefined();
    await target.delete(["b1/meta/manifest.json"]);
    expect(await resumeB1(anotherRun(job, target))).toBeUndefined();
  });
});

describe("a backup whose run was paused past its lease", () => {
  /** Something happens in the target when the last object has come, as if the machine had slept over it. */
  const pausedBefore = (target: Storage, happen: () => Promise<unknown>): Storage => {
    let isOver = false;
    return {
      ...target,
      write: async (key, ...rest) => {
        const info = await target.write(key, ...rest);
        if (key.includes("/meta/objects/") && !isOver) {
          isOver = true;
          await happen();
        }
        return info;
      },
    };
  };

  it("is not committed, and what is there is left for who goes on with it", async () => {
    await using job = await openTestJob({ collections: NAMES });
    let now = 1e12;
    const target = timedStorage(openMemory(), () => now);
    const report = await backUp(
      anotherRun(
        job,
        pausedBefore(target, async () => (now += 31 * 60_000)),
      ),
    );
    expect([report.state, report.exitStatus]).toEqual(["failed", 11]);
    expect((await readManifest(target, "b1"))?.state).toBe("running");
    expect(await keysOf(target, "b1/meta/backup_meta.json")).toEqual([]);
  });

  it("is not committed over what another run made of it meanwhile", async () => {
    await using job = await openTestJob({ collections: NAMES });
    const target = openMemory();
    const resume = async (): Promise<void> => {
      await endLeases(target);
      expect((await resumeB1(anotherRun(job, target)))?.state).toBe("complete");
    };
    const report = await backUp(anotherRun(job, pausedBefore(target, resume)));
    expect([report.state, report.exitStatus]).toEqual(["failed", 11]);
    expect((await openBackup(target, "b1")).entry.state).toBe("complete");
  });
});

describe("a backup whose name was taken by itself", () => {
  it.each(["lost-reply", "twice"] as const)("goes on when the answer to that is %s", async (fault) => {
    await using job = await openTestJob({ collections: ["default.a"] });
    const target = openMemory();
    let isFirst = true;
    const faulty = failingStorage(target, ({ kind, key }) => {
      if (kind !== "write" || !key.endsWith("manifest.json") || !isFirst) return undefined;
      isFirst = false;
      return fault;
    });
    expect((await backUp(anotherRun(job, faulty))).state).toBe("complete");
  });
});

describe("a backup whose target failed on the way", () => {
  it("is resumed without copying again what was recorded", async () => {
    await using job = await openTestJob({ collections: NAMES });
    const target = await failAt(job, 11);
    const there = (await keysOf(target, "b1/binlogs/")).length;
    expect(there).toBeGreaterThan(5);
    const recording = recordingStorage(target);
    const report = await resumeB1(anotherRun(job, recording));
    expect(report?.state).toBe("complete");
    expect(recording.changes.filter((change) => PAYLOAD.test(change)).length).toBe(OBJECTS - there);
    const notes = report?.collections.flatMap((one) => one.notes).join();
    expect(notes).toContain("had been copied before the backup was interrupted");
  });

  it("is resumed without that also when it was stopped: what was copied last is recorded", async () => {
    await using job = await openTestJob({ collections: ["default.a"] });
    const target = openMemory();
    const stop = new AbortController();
    let objects = 0;
    const stopping = failingStorage(target, ({ kind, key }) => {
      if (kind === "write" && key.includes("binlogs/") && (objects += 1) === 5) stop.abort(new Error("stopped"));
      return undefined;
    });
    const run = anotherRun(job, stopping, stop.signal);
    await backUp({ ...run, limits: { ...run.limits, objects: 1 } });
    expect(await keysOf(target, ".milvus-backup/runs/").then((keys) => keys.join())).toContain("/copied/");
    expect((await resumeB1(anotherRun(job, target)))?.state).toBe("complete");
  });

  it("copies again what was changed meanwhile, and removes what does not belong there", async () => {
    await using job = await openTestJob({ collections: NAMES });
    const target = await failAt(job, 11);
    const [damagedKey = "", emptyKey = ""] = await keysOf(target, "b1/binlogs/");
    const { [damagedKey]: text = "" } = await contentsOf(target, damagedKey);
    await target.write(damagedKey, bytesBody(Buffer.from(text, "latin1").map((byte) => byte ^ 1)));
    await target.write(emptyKey, bytesBody(""));
    const stray = damagedKey.replace(/[^/]*$/, "999");
    await target.write(stray, bytesBody("of nobody"));
    await target.write("b1/binlogs/insert_log/1/2/3/3/100/1", bytesBody("of another collection"));
    expect((await resumeB1(anotherRun(job, target)))?.state).toBe("complete");
    const whole = openMemory();
    await backUp(anotherRun(job, whole));
    expect(await payloadOf(target)).toEqual(await payloadOf(whole));
  });

  it("captures a collection anew, whole, when files that it had captured are gone from the source", async () => {
    await using job = await openTestJob({ collections: ["default.a"] });
    const target = await failAt(job, 5);
    const id = [...job.world.collections.values()][0]?.id ?? 0n;
    const sources = await keysOf(job.source.root, `files/insert_log/${id}/`);
    const gone = sources.find((key) => key.includes(`/${id + 51n}/`)) ?? "";
    const moved = gone.replace(/\d+$/, "2"); // as a compaction would
    const { [gone]: content = "" } = await contentsOf(job.source.root, gone);
    await job.source.root.write(moved, bytesBody(Buffer.from(content, "latin1")));
    await job.source.root.delete([gone]);
    const run = anotherRun(job, target);
    expect((await resumeB1(run))?.state).toBe("complete");
    expect(run.run.events).toContainEqual(
      expect.objectContaining({ type: "notice", message: expect.stringContaining("captured anew") as string }),
    );
    expect((await keysOf(target, "b1/binlogs/")).filter((key) => key.endsWith("/2"))).toHaveLength(1);
  });

  it("takes what was dropped at the source since out of the backup", async () => {
    await using job = await openTestJob({ collections: NAMES });
    const target = await failAt(job, 11);
    job.world.drop("shop.b");
    const report = await resumeB1(anotherRun(job, target));
    expect(report?.state).toBe("complete");
    expect(new Set((await keysOf(target, "b1/binlogs/")).map((key) => key.split("/")[3])).size).toBe(1);
  });
});
