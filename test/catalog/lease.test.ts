import { afterEach, describe, expect, it, vi } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { holdLease, isLeaseLive } from "../../src/catalog/lease.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { recordingStorage } from "../support/recording-storage.ts";
import { keysOf } from "../support/storage-content.ts";
import { timedStorage } from "../support/timed-storage.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { bytesBody } from "../../src/io/body.ts";
import { identifyProcess } from "../../src/io/process-identity.ts";
import { encodeLock } from "../../src/format/lock.ts";
import { holdExclusiveLock } from "../../src/catalog/exclusive-lock.ts";

afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

describe("holdLease()", () => {
  it("holdLease() is live until it is disposed", async () => {
    const storage = openMemory();
    {
      await using _lease = await holdLease(storage, { owner: lockOwner("r1"), onFailure: () => {} });
      expect([await isLeaseLive(storage, "r1"), await isLeaseLive(storage, "r2")]).toEqual([true, false]);
    }
    expect([await isLeaseLive(storage, "r1"), await keysOf(storage)]).toEqual([false, []]);
  });

  it("holdLease() refreshes it, so that it stays live for as long as the run does", async () => {
    vi.useFakeTimers();
    const storage = recordingStorage(openMemory());
    const lease = await holdLease(storage, { owner: lockOwner("r1"), onFailure: () => {} });
    for (const _ of [1, 2, 3]) await vi.advanceTimersByTimeAsync(20 * MINUTE);
    expect(await isLeaseLive(storage, "r1")).toBe(true);
    await lease[Symbol.asyncDispose]();
    await vi.advanceTimersByTimeAsync(20 * MINUTE);
    expect(storage.changes.at(-1)).toMatch(/^delete /);
  });

  it("holdLease() tells of a refresh that fails, and goes on", async () => {
    vi.useFakeTimers();
    const storage = openMemory();
    let isAway = false;
    const failures: unknown[] = [];
    const failing = failingStorage(
      storage,
      failOn("unavailable", ({ kind }) => isAway && kind === "write"),
    );
    await using _lease = await holdLease(failing, {
      owner: lockOwner("r1"),
      onFailure: (error) => void failures.push(error),
    });
    isAway = true;
    await vi.advanceTimersByTimeAsync(11 * MINUTE);
    isAway = false;
    expect(failures).toEqual([
      expect.objectContaining({ code: "unavailable" }),
      expect.objectContaining({ code: "unavailable" }),
    ]);
    await vi.advanceTimersByTimeAsync(25 * MINUTE);
    expect(await isLeaseLive(storage, "r1")).toBe(true);
  });

  it("holdLease() fails where nothing can be written", async () => {
    const storage = failingStorage(
      openMemory(),
      failOn("denied", ({ kind }) => kind === "write"),
    );
    await expect(holdLease(storage, { owner: lockOwner("r1"), onFailure: () => {} })).rejects.toMatchObject({
      code: "denied",
    });
  });
});

it("isLeaseLive() does not believe a lease that was not refreshed for half an hour", async () => {
  const storage = openMemory();
  await holdLease(storage, { owner: lockOwner("r1"), onFailure: () => {} });
  const at = (ms: number) => ({ now: () => Date.now() + ms, sleep: async () => {} });
  expect([
    await isLeaseLive(storage, "r1", { clock: at(29 * MINUTE) }),
    await isLeaseLive(storage, "r1", { clock: at(31 * MINUTE) }),
  ]).toEqual([true, false]);
});

it("holdLease() tells of a release that fails, and throws nothing over what the run has to say", async () => {
  const storage = failingStorage(
    openMemory(),
    failOn("unavailable", ({ kind }) => kind === "delete"),
  );
  const failures: unknown[] = [];
  const lease = await holdLease(storage, { owner: lockOwner("r1"), onFailure: (error) => void failures.push(error) });
  await lease[Symbol.asyncDispose]();
  expect(failures).toEqual([expect.objectContaining({ code: "unavailable" })]);
});

const onFailure = (error: unknown): never => {
  throw error;
};

describe("isLeaseLive()", () => {
  const leave = async (body: string) => {
    const storage = openMemory();
    await storage.write(".milvus-backup/locks/s/r1", bytesBody(body));
    return await isLeaseLive(storage, "r1");
  };

  it("isLeaseLive() does not believe a process of this machine that is gone, however fresh its lease", async () => {
    const system = (await identifyProcess())?.system;
    const gone = 2 ** 22 + 1; // above the highest id of a Linux
    expect(await leave(encodeLock(lockOwner("r1", { pid: gone, system })))).toBe(system === undefined);
    expect(await leave(encodeLock(lockOwner("r1", { pid: gone, system: "elsewhere" })))).toBe(true);
    expect(await leave(encodeLock(lockOwner("r1", { pid: gone })))).toBe(true);
  });

  it("isLeaseLive() goes by the store's clock, whatever this machine's says, and leaves nothing there", async () => {
    let now = Date.parse("2001-01-01T00:00:00Z");
    const storage = timedStorage(openMemory(), () => now);
    await holdLease(storage, { owner: lockOwner("r1"), onFailure });
    const isLive: boolean[] = [];
    for (const later of [29 * MINUTE, 2 * MINUTE]) {
      now += later;
      isLive.push(await isLeaseLive(storage, "r1"));
    }
    expect([isLive, await keysOf(storage)]).toEqual([[true, false], [".milvus-backup/locks/s/r1"]]);
  });

  it("isLeaseLive() can ask a store that lets nothing be deleted", async () => {
    const storage = openMemory();
    await holdLease(storage, { owner: lockOwner("r1"), onFailure });
    const retaining: Storage = {
      ...storage,
      delete: async (keys) => ({ deleted: [], failed: [], retained: keys }),
    };
    expect(await isLeaseLive(retaining, "r1")).toBe(true);
  });

  it("isLeaseLive() goes by this machine's clock where nothing can be written", async () => {
    const storage = openMemory();
    await holdLease(storage, { owner: lockOwner("r1"), onFailure });
    const readOnly = failingStorage(
      storage,
      failOn("denied", ({ kind }) => kind === "write"),
    );
    expect(await isLeaseLive(readOnly, "r1")).toBe(true);
  });

  it("isLeaseLive() believes the lease of an earlier release, which has no more than its run's id", async () => {
    expect(await leave("r1")).toBe(true);
  });
});

describe("Lease.guard()", () => {
  it("Lease.guard() passes while the lease is this run's, and keeps it fresh", async () => {
    let now = 1e12;
    const storage = timedStorage(openMemory(), () => now);
    await using lease = await holdLease(storage, { owner: lockOwner("r1"), onFailure });
    for (const _ of [1, 2, 3]) {
      now += 29 * MINUTE;
      await lease.guard();
    }
    expect(lease.isLost()).toBe(false);
  });

  it("Lease.guard() refuses a holder who was paused past its lease, and goes on refusing", async () => {
    let now = Date.parse("2001-01-01T00:00:00Z"); // the store's clock counts, not this machine's
    const storage = timedStorage(openMemory(), () => now);
    await using lease = await holdLease(storage, { owner: lockOwner("r1"), onFailure: () => {} });
    now += 31 * MINUTE;
    await expect(lease.guard()).rejects.toMatchObject({ code: "locked", facts: { runId: "r1" } });
    now += MINUTE;
    await expect(lease.guard()).rejects.toMatchObject({ code: "locked" });
    expect(lease.isLost()).toBe(true);
  });

  it("Lease.guard() refuses when the lease was removed, and does not bring it back", async () => {
    const storage = openMemory();
    await using lease = await holdLease(storage, { owner: lockOwner("r1"), onFailure: () => {} });
    await storage.delete([".milvus-backup/locks/s/r1"]);
    await expect(lease.guard()).rejects.toMatchObject({ code: "locked" });
    expect(await keysOf(storage)).toEqual([]);
  });

  it("Lease.guard() refuses when another run goes on for this one; that one's lease stays", async () => {
    const storage = openMemory();
    const lease = await holdLease(storage, { owner: lockOwner("r1"), onFailure: () => {} });
    await using other = await holdLease(storage, { owner: lockOwner("r2"), of: "r1", onFailure });
    await expect(lease.guard()).rejects.toMatchObject({ code: "locked" });
    await lease[Symbol.asyncDispose]();
    await other.guard();
    expect(await keysOf(storage)).toEqual([".milvus-backup/locks/s/r1"]);
  });

  it("Lease.guard() refuses while another deletes there", async () => {
    let now = 1e12;
    const storage = timedStorage(openMemory(), () => now);
    await using paused = await holdLease(storage, { owner: lockOwner("r1"), onFailure: () => {} });
    now += 31 * MINUTE;
    await using _lock = await holdExclusiveLock(storage, { owner: lockOwner("r2", { kind: "delete" }), onFailure });
    await expect(paused.guard()).rejects.toMatchObject({ code: "locked" });
  });
});
