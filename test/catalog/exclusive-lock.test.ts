import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { holdExclusiveLock } from "../../src/catalog/exclusive-lock.ts";
import { holdLease } from "../../src/catalog/lease.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { timedStorage } from "../support/timed-storage.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { encodeLock } from "../../src/format/lock.ts";
import { identifyProcess } from "../../src/io/process-identity.ts";
import { bytesBody } from "../../src/io/body.ts";

const owner = (runId: string) => ({ runId, kind: "delete", host: "h1", pid: 7, startedAt: "2026-01-01T00:00:00.000Z" });
const onFailure = (error: unknown): never => {
  throw error;
};
const hold = (storage: Storage, runId: string) => holdExclusiveLock(storage, { owner: owner(runId), onFailure });

describe("holdExclusiveLock()", () => {
  it("holdExclusiveLock() keeps another out, tells who holds it, and lets it in after the release", async () => {
    const storage = openMemory();
    const lock = await hold(storage, "r1");
    await lock.guard();
    const refused = hold(storage, "r2");
    await expect(refused).rejects.toMatchObject({ code: "locked", facts: { runId: "r1" } });
    await expect(refused).rejects.toThrow("a delete (run r1) on h1, process 7, since 2026-01-01T00:00:00.000Z");
    await lock.guard();
    await lock[Symbol.asyncDispose]();
    await (await hold(storage, "r2")).guard();
  });

  it("holdExclusiveLock() backs off from a run that reads or writes, and leaves nothing held", async () => {
    const storage = openMemory();
    await storage.write(".milvus-backup/locks/s/reader", bytesBody("reader"));
    await expect(hold(storage, "r1")).rejects.toMatchObject({ code: "locked", facts: { runId: "reader" } });
    await storage.delete([".milvus-backup/locks/s/reader"]);
    await (await hold(storage, "r2")).guard();
  });

  it("holdExclusiveLock() is not kept out by a run's own leases, that of the run which it goes on for among them", async () => {
    const storage = openMemory();
    for (const of of ["r2", "r1"]) await holdLease(storage, { owner: lockOwner("r2"), of, onFailure });
    await (await hold(storage, "r2")).guard();
    await expect(hold(storage, "r3")).rejects.toMatchObject({ code: "locked" });
  });

  it("holdExclusiveLock() does not wait for a process of this machine that is gone", async () => {
    const system = (await identifyProcess())?.system;
    if (system === undefined) return; // elsewhere than on Linux nobody can tell
    const storage = openMemory();
    const gone = { pid: 2 ** 22 + 1, system }; // above the highest id of a Linux
    await storage.write(".milvus-backup/locks/s/dead", bytesBody(encodeLock(lockOwner("dead", gone))));
    await storage.write(".milvus-backup/locks/x/7", bytesBody(encodeLock(lockOwner("dead2", gone))));
    await (await hold(storage, "r1")).guard();
  });

  it("holdLease() backs off from a live deletion, and leaves no lease", async () => {
    const storage = openMemory();
    const lock = await hold(storage, "r1");
    const reader = () => holdLease(storage, { owner: lockOwner("reader"), onFailure });
    await expect(reader()).rejects.toMatchObject({ code: "locked", facts: { runId: "r1" } });
    expect(await storage.stat(".milvus-backup/locks/s/reader")).toBeUndefined();
    await lock[Symbol.asyncDispose]();
    await using _lease = await reader();
    await expect(hold(storage, "r2")).rejects.toMatchObject({ code: "locked" });
  });

  it("holdExclusiveLock() takes over what nobody refreshed for half an hour, by the store's clock; its holder is told", async () => {
    let now = Date.parse("2001-01-01T00:00:00Z"); // far from this machine's
    const storage = timedStorage(openMemory(), () => now);
    const paused = await hold(storage, "r1");
    now += 29 * 60_000;
    await expect(hold(storage, "r2")).rejects.toMatchObject({ code: "locked" });
    now += 2 * 60_000;
    const second = await hold(storage, "r2");
    await expect(paused.guard()).rejects.toMatchObject({ code: "locked" });
    await second.guard();
    await paused[Symbol.asyncDispose]();
    await second.guard();
  });

  it("holdExclusiveLock() lets at most one of several pass its look, however their calls interleave", async () => {
    let most = 0;
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.constantFrom("none", "live", "stale"), async (scheduler, earlier) => {
        let now = 1e12;
        let isScheduled = false;
        const shared = timedStorage(openMemory(), () => now);
        const storage = interleaved(shared, () => (isScheduled ? scheduler.schedule(Promise.resolve()) : undefined));
        const first = earlier === "none" ? undefined : await hold(storage, "r0");
        if (earlier === "stale") now += 31 * 60_000;
        isScheduled = true;
        const looks = ["r1", "r2"].map((id) => hold(storage, id).then((lock) => lock.guard()));
        if (first !== undefined) looks.push(first.guard());
        const results = await scheduler.waitFor(Promise.allSettled(looks));
        const passed = results.filter(({ status }) => status === "fulfilled").length;
        most = Math.max(most, passed);
        expect(passed).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
    expect(most).toBe(1); // or it would prove nothing
  });
});

/** The storage, whose calls happen when their turn comes. */
function interleaved(storage: Storage, turn: () => Promise<unknown> | undefined): Storage {
  return {
    ...storage,
    write: async (...args) => {
      await turn();
      return await storage.write(...args);
    },
    read: async (...args) => {
      await turn();
      return await storage.read(...args);
    },
    async *list(...args) {
      await turn();
      yield* storage.list(...args);
    },
    delete: async (...args) => {
      await turn();
      return await storage.delete(...args);
    },
  };
}
