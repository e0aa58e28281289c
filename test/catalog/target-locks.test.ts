import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { holdExclusiveLock } from "../../src/catalog/exclusive-lock.ts";
import { holdLease } from "../../src/catalog/lease.ts";
import { listTargetLocks, removeLock } from "../../src/catalog/target-locks.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { keysOf } from "../support/storage-content.ts";
import { timedStorage } from "../support/timed-storage.ts";

const MINUTE = 60_000;
const onFailure = (): void => {};
const by = lockOwner("me", { kind: "unlock" });

const look = (storage: Storage, now: () => Date = () => new Date()) =>
  listTargetLocks(storage, { target: "nas", runId: "me", now });
const holdX = (storage: Storage, runId: string) =>
  holdExclusiveLock(storage, { owner: lockOwner(runId, { kind: "delete" }), onFailure });

describe("listTargetLocks()", () => {
  it("listTargetLocks() says who holds what, and how old it is by the store's clock; what was given back is none", async () => {
    let now = Date.parse("2001-01-01T00:00:00Z");
    const storage = timedStorage(openMemory(), () => now);
    await (await holdX(storage, "r0"))[Symbol.asyncDispose]();
    await using _old = await holdLease(storage, { owner: lockOwner("r1", { backup: "b1" }), onFailure });
    now += 31 * MINUTE;
    await using _new = await holdX(storage, "r2");
    now += 90_000;
    expect(await look(storage)).toMatchObject([
      {
        target: "nas",
        lock: "exclusive",
        run: "r2",
        kind: "delete",
        host: "h1",
        pid: 7,
        ageSeconds: 90,
        state: "live",
      },
      { lock: "shared", run: "r1", kind: "backup", backup: "b1", ageSeconds: 31 * 60 + 90, state: "stale" },
    ]);
    expect(await keysOf(storage, ".milvus-backup/locks/t/")).toEqual([]);
  });

  it("listTargetLocks() writes nothing where there is none, and takes the machine's clock where nothing can be written", async () => {
    const storage = openMemory();
    const readOnly = failingStorage(
      storage,
      failOn("denied", ({ kind }) => kind === "write"),
    );
    expect(await look(readOnly)).toEqual([]);
    await using _lease = await holdLease(storage, { owner: lockOwner("r1"), onFailure });
    const later = (): Date => new Date(Date.now() + 40 * MINUTE);
    expect(await look(readOnly, later)).toMatchObject([{ run: "r1", state: "stale" }]);
  });
});

describe("removeLock()", () => {
  it("removeLock() takes a lease away: its run is told when it looks, and it does not come back", async () => {
    const storage = openMemory();
    await using lease = await holdLease(storage, { owner: lockOwner("r1"), onFailure });
    const [found] = await look(storage);
    if (found === undefined) throw new Error("There is no lock");
    await removeLock(storage, found, { by });
    await expect(lease.guard()).rejects.toMatchObject({ code: "locked" });
    expect(await look(storage)).toEqual([]);
  });

  it("removeLock() overtakes a deletion: its run is told when it looks, also after another has begun", async () => {
    for (const isFollowed of [false, true]) {
      const storage = openMemory();
      const paused = await holdX(storage, "r1");
      const [found] = await look(storage);
      if (found === undefined) throw new Error("There is no lock");
      await removeLock(storage, found, { by });
      expect(await look(storage)).toEqual([]);
      const next = isFollowed ? await holdX(storage, "r2") : undefined;
      await expect(paused.guard()).rejects.toMatchObject({ code: "locked" });
      await paused[Symbol.asyncDispose]();
      await next?.guard();
      await next?.[Symbol.asyncDispose]();
      await (await holdX(storage, "r3")).guard();
    }
  });
});
