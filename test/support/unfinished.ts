import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { anotherRun, backUp } from "./engine-run.ts";
import type { TestJob } from "./engine-run.ts";
import { failingStorage, isChange, killedAfter } from "./failing-storage.ts";
import { cloneStorage, contentsOf } from "./storage-content.ts";

/** What is left when a run is killed after so many changes of the target, and its lease has run out. */
export async function killAfter(job: TestJob, changes: number, into: Storage = openMemory()): Promise<Storage> {
  const target = await cloneStorage(into);
  await backUp(anotherRun(job, failingStorage(target, killedAfter(changes))));
  await endLeases(target);
  return target;
}

/** As half an hour does it. */
export async function endLeases(target: Storage): Promise<void> {
  const keys: string[] = [];
  for await (const entry of target.list(".milvus-backup/locks/s/")) if (entry.kind === "object") keys.push(entry.key);
  await target.delete(keys);
}

/** How many changes of the target a backup of this source takes. */
export async function countChanges(job: TestJob): Promise<number> {
  let changes = 0;
  const counting = failingStorage(openMemory(), ({ kind }) => {
    if (isChange(kind)) changes += 1;
    return undefined;
  });
  await backUp(anotherRun(job, counting));
  return changes;
}

/** The payload of b1 and its lists of objects: the same in every backup of one source. */
export async function payloadOf(target: Storage): Promise<Readonly<Record<string, string>>> {
  const content = await contentsOf(target, "b1/");
  return Object.fromEntries(Object.entries(content).filter(([key]) => !key.endsWith(".json")));
}
