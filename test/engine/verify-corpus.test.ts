/** Every damaged backup of the corpus, looked at by list, by verify at each level, and by restore. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { toEventError } from "../../src/core/event-error.ts";
import { DAMAGED_BACKUPS } from "../support/damaged-backups.ts";
import { backUp, openTestJob, restore, toTarget, createTestRun } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { contentsOf, copyStorage } from "../support/storage-content.ts";
import { verify } from "../support/verify-run.ts";

let job: TestJob;
const nas = openMemory();

beforeAll(async () => {
  job = await openTestJob({ collections: ["default.a", "shop.b"], target: nas, clock: createFakeClock() });
  expect((await backUp(job)).state).toBe("complete");
});

afterAll(() => job[Symbol.asyncDispose]());

async function damagedCopy(damage: (storage: Storage) => Promise<void>): Promise<Storage> {
  const storage = openMemory();
  await copyStorage(nas, storage);
  await damage(storage);
  return storage;
}

async function look(storage: Storage, level: "metadata" | "objects" | "checksum"): Promise<unknown> {
  const { checks: [check] = [], errors, exitStatus } = await verify(job, storage, { level });
  if (check === undefined) return errors[0]?.code;
  expect(exitStatus).toBe(check.verdict === "ok" ? 0 : 4);
  const [first] = check.damage;
  if (first === undefined) return "ok";
  return [first.kind, first.key ?? "", ...(check.damageFound > 1 ? [check.damageFound] : [])];
}

async function restoreFrom(storage: Storage): Promise<string> {
  try {
    const run = createTestRun("restore");
    const report = await restore({ ...job, run, target: toTarget("nas", storage) }, { suffix: "_r" });
    const failed = report.collections.find(({ error }) => error !== undefined);
    return failed?.error?.code ?? report.state;
  } catch (error) {
    return toEventError(error).code;
  } finally {
    for (const name of [...job.world.collections.keys()].filter((one) => one.endsWith("_r"))) job.world.drop(name);
  }
}

describe("a damaged backup", () => {
  it.each(DAMAGED_BACKUPS)("is told by list, verify and restore when $name", async (one) => {
    const storage = await damagedCopy(one.damage);
    const before = await contentsOf(storage, "b1/");
    const listed = (await listBackups(storage)).find(({ name }) => name === "b1");
    expect({
      list: listed?.state,
      metadata: await look(storage, "metadata"),
      objects: await look(storage, "objects"),
      checksum: await look(storage, "checksum"),
      restore: await restoreFrom(storage),
    }).toEqual({
      list: one.list,
      metadata: one.metadata,
      objects: one.objects,
      checksum: one.checksum,
      restore: one.restore,
    });
    expect(await contentsOf(storage, "b1/")).toEqual(before);
    const looked = (await listBackups(storage)).find(({ name }) => name === "b1");
    expect(looked?.damaged !== undefined).toBe(Array.isArray(one.checksum) && one.list !== undefined);
  });
});
