import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { findPolicyRun, holdPolicyLock } from "../../src/catalog/policy-lock.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { encodeLock } from "../../src/format/lock.ts";
import { bytesBody } from "../../src/io/body.ts";
import { identifyProcess } from "../../src/io/process-identity.ts";
import { gatedStorage } from "../support/gated-storage.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { timedStorage } from "../support/timed-storage.ts";

const NIGHTLY = { policy: "nightly", source: "prod" };
const onFailure = (error: unknown): never => {
  throw error;
};
const hold = (storage: Storage, runId: string, group = NIGHTLY) =>
  holdPolicyLock(storage, { group, owner: lockOwner(runId), onFailure });

describe("holdPolicyLock()", () => {
  it("holdPolicyLock() keeps a run of the same policy and source out, says who has it, and lets the next one in", async () => {
    const storage = openMemory();
    const lock = await hold(storage, "r1");
    await expect(hold(storage, "r2")).rejects.toMatchObject({
      code: "locked",
      message: "Another run of nightly is under way: (run r1) on h1, process 7, since 2026-01-01T00:00:00.000Z",
    });
    await lock[Symbol.asyncDispose]();
    await (await hold(storage, "r2"))[Symbol.asyncDispose]();
  });

  it("holdPolicyLock() lets other policies, other sources, readers and who deletes pass", async () => {
    const storage = openMemory();
    await hold(storage, "r1");
    await hold(storage, "r2", { policy: "nightly", source: "lab" });
    await hold(storage, "r3", { policy: "night.ly", source: "prod" });
    await storage.write(".milvus-backup/locks/s/r4", bytesBody(encodeLock(lockOwner("r4"))));
    await storage.write(".milvus-backup/locks/x/1", bytesBody(encodeLock(lockOwner("r5"))));
    await hold(storage, "r6", { policy: "hourly", source: "prod" });
  });

  it("holdPolicyLock() waits neither for what nobody refreshed for half an hour, nor for a process of this machine that is gone", async () => {
    let now = 1e12;
    const storage = timedStorage(openMemory(), () => now);
    await hold(storage, "r1");
    now += 31 * 60_000;
    await hold(storage, "r2");
    const system = (await identifyProcess())?.system;
    if (system === undefined) return; // elsewhere than on Linux nobody can tell
    const dead = encodeLock(lockOwner("dead", { pid: 2 ** 22 + 1, system })); // above the highest id of a Linux
    await storage.write(".milvus-backup/locks/p/prod/hourly/3", bytesBody(dead));
    await hold(storage, "r3", { policy: "hourly", source: "prod" });
  });

  it("holdPolicyLock() lets exactly one of several go on that begin at the same moment, however their calls interleave", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.constantFrom("none", "released", "stale"), async (scheduler, earlier) => {
        let now = 1e12;
        let isScheduled = false;
        const shared = timedStorage(openMemory(), () => now);
        const storage = gatedStorage(shared, () => (isScheduled ? scheduler.schedule(Promise.resolve()) : undefined));
        const first = earlier === "none" ? undefined : await hold(storage, "r0");
        if (earlier === "released") await first?.[Symbol.asyncDispose]();
        if (earlier === "stale") now += 31 * 60_000;
        isScheduled = true;
        const attempts = ["r1", "r2", "r3"].map((id) => hold(storage, id));
        const results = await scheduler.waitFor(Promise.allSettled(attempts));
        expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      }),
      { numRuns: 200 },
    );
  });
});

it("findPolicyRun() tells of the run that is under way and of no other, and writes nothing", async () => {
  const storage = openMemory();
  expect(await findPolicyRun(storage, NIGHTLY)).toBeUndefined();
  const lock = await hold(storage, "r1");
  expect(await findPolicyRun(storage, NIGHTLY)).toContain("(run r1) on h1, process 7");
  expect(await findPolicyRun(storage, { policy: "hourly", source: "prod" })).toBeUndefined();
  await lock[Symbol.asyncDispose]();
  expect(await findPolicyRun(storage, NIGHTLY)).toBeUndefined();
});
