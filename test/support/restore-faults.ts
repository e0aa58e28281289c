/** Restores under faults of the target that they read, and of the bucket that they copy into for Milvus. */
import { expect } from "vitest";
import { StorageError } from "../../src/core/contracts/storage.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { isBackupError } from "../../src/core/errors.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { anotherRun, backUp, openTestJob, restore } from "./engine-run.ts";
import type { TestJob } from "./engine-run.ts";
import { countCalls, everyFault, under } from "./fault-matrix.ts";
import type { Befallen } from "./fault-matrix.ts";
import { ROWS } from "./milvus-world.ts";
import { keysOf } from "./storage-content.ts";

const COLLECTION = "default.a";
const RESTORED = `${COLLECTION}_r`;

type Place = "target" | "bucket";

/** The same run with one of its storages exchanged. */
function withStorage(job: TestJob, place: Place, storage: Storage): TestJob {
  if (place === "target") return { ...job, target: { ...job.target, storage } };
  return { ...job, source: { ...job.source, root: storage, segments: scopeStorage(storage, "files") } };
}

/** Every `step`-th of them; gives back how often each end came. */
export async function restoreUnderStorageFaults(place: Place, step: number): Promise<ReadonlyMap<string, number>> {
  await using job = await openTestJob({ collections: [COLLECTION] });
  await backUp(anotherRun(job));
  const storage = place === "target" ? job.target.storage : job.source.root;
  const calls = await countCalls((counting) =>
    restore(withStorage(anotherRun(job), place, counting(storage)), { suffix: "_r" }),
  );
  await clear(job);
  const ends = new Map<string, number>();
  for (const one of everyFault(calls, step)) {
    try {
      const end = await befall(job, place, one);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    } catch (error) {
      throw new Error(`${one.method} ${one.nth}: ${one.what}`, { cause: error });
    }
  }
  return ends;
}

/** What is whole has every row; what is not is gone, or named; and the next restore is whole. */
async function befall(job: TestJob, place: Place, one: Befallen): Promise<string> {
  const stop = new AbortController();
  const storage = place === "target" ? job.target.storage : job.source.root;
  const run = withStorage(anotherRun(job, job.target.storage, stop.signal), place, under(one, storage, stop));
  const end = await endOf(run);
  const rows = [...(job.world.collections.get(RESTORED)?.rows.values() ?? [])].reduce((sum, count) => sum + count, 0);
  if (end === "complete") expect(rows).toBe(ROWS);
  else expect([job.world.collections.has(RESTORED), job.world.collections.has(COLLECTION)]).toEqual([false, true]);
  const told = JSON.stringify(run.run.events);
  const isListCut = one.what === "lost-page" || one.what === "late"; // who is told of less removes less
  const left = await keysOf(job.source.root, "restore_temp_");
  if (left.length > 0 && !isListCut) expect(told).toContain("is left, since it cannot be removed");
  await clear(job);
  expect((await restore(anotherRun(job), { suffix: "_r" })).state).toBe("complete");
  await clear(job);
  return end;
}

async function endOf(job: TestJob): Promise<string> {
  try {
    return (await restore(job, { suffix: "_r" })).state;
  } catch (error) {
    if (isBackupError(error) || error instanceof StorageError) return "not begun";
    throw error;
  }
}

async function clear(job: TestJob): Promise<void> {
  job.world.drop(RESTORED);
  await job.source.root.delete(await keysOf(job.source.root, "restore_temp_"));
  await job.target.storage.delete(await keysOf(job.target.storage, ".milvus-backup/"));
}
