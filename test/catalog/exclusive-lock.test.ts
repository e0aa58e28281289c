import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { holdExclusiveLock } from "../../src/catalog/exclusive-lock.ts";
import { holdLease } from "../../src/catalog/lease.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { gatedStorage } from "../support/gated-storage.ts";
import { timedStorage } from "../support/timed-storage.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { encodeLock } from "../../src/format/lock.ts";
import { identifyProcess } from "../../src/io/process-identity.ts";
import { bytesBody } from "../../src/io/body.ts";

afterEach(() => void vi.useRealTimers());

const onFailure = (error: unknown): never => {
  throw error;
};
const hold = (storage: Storage, runId: string) =>
  holdExclusiveLock(storage, { owner: lockOwner(runId, { kind: "delete" }), onFailure });

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

  it("holdExclusiveLock() does not back off from its own run, nor from the lease of a run that this one goes on for", async () => {
    const storage = openMemory();
    await storage.write(".milvus-backup/locks/s/r1", bytesBody(encodeLock(lockOwner("r1"))));
    await storage.write(".milvus-backup/locks/s/earlier", bytesBody(encodeLock(lockOwner("r1"))));
    await (await hold(storage, "r1")).guard();
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

  it("holdExclusiveLock() lists twice: what is there before its number is written, and behind it", async () => {
    const memory = openMemory();
    for (const ifAbsent of [true, false]) {
      const lists: string[] = [];
      const storage: Storage = {
        ...memory,
        capabilities: { ...memory.capabilities, ifAbsent },
        list: (prefix, options) => {
          lists.push(prefix);
          return memory.list(prefix, options);
        },
      };
      await using lock = await hold(storage, `r_${ifAbsent}`);
      const [numbers, leases] = [".milvus-backup/locks/x/", ".milvus-backup/locks/s/"];
      expect(lists).toEqual([numbers, numbers, leases]);
      await lock.guard();
    }
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
    const contender = fc.record({ role: fc.constantFrom("delete", "backup"), beginsAfter: fc.nat(9) });
    const earlier = fc.constantFrom("none", "live", "stale");
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), earlier, contender, contender, async (scheduler, before, ...contenders) => {
        let now = 1e12;
        let isScheduled = false;
        const shared = timedStorage(openMemory(), () => now);
        const turn = () => (isScheduled ? scheduler.schedule(Promise.resolve()) : undefined);
        const storage = gatedStorage(shared, async () => turn());
        const first = before === "none" ? undefined : await hold(storage, "r0");
        if (before === "stale") now += 31 * 60_000;
        isScheduled = true;
        const looks = contenders.map(async ({ role, beginsAfter }, index) => {
          for (let turns = 0; turns < beginsAfter; turns += 1) await turn();
          const owner = lockOwner(`r${index + 1}`);
          const lock = role === "delete" ? hold(storage, owner.runId) : holdLease(storage, { owner, onFailure });
          await (await lock).guard();
          return role;
        });
        if (first !== undefined) looks.push(first.guard().then(() => "delete"));
        const results = await scheduler.waitFor(Promise.allSettled(looks));
        const passed = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
        most = Math.max(most, passed.length);
        if (passed.includes("delete")) expect(passed).toEqual(["delete"]); // readers and writers do not exclude each other
      }),
      { numRuns: 300 },
    );
    expect(most).toBe(2); // or it would prove nothing
  });

  it.each(["delete", "backup"])(
    "the look of a %s that took so long that its refresh may be stale is not passed",
    async (kind) => {
      vi.useFakeTimers({ toFake: ["performance"] }); // the store's times stand still: nothing but this tells
      let atList: (() => Promise<void>) | undefined; // it has refreshed before
      const storage = gatedStorage(openMemory(), async (call) => (call === "list" ? atList?.() : undefined));
      const owner = lockOwner("r1", { kind });
      const told = { owner, onFailure: () => {} };
      const lock = kind === "delete" ? await holdExclusiveLock(storage, told) : await holdLease(storage, told);
      atList = async () => void vi.advanceTimersByTime(31 * 60_000);
      await expect(lock.guard()).rejects.toMatchObject({ code: "locked", facts: { runId: "r1" } });
      atList = undefined;
      await expect(lock.guard()).rejects.toMatchObject({ code: "locked" });
    },
  );
});
