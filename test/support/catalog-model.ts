/** Random sequences of what happens to a target, against a model of what must be in it. */
import { expect } from "vitest";
import { listBackups } from "../../src/catalog/list-backups.ts";
import type { BackupEntry } from "../../src/catalog/entry.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { ACTIONS } from "./catalog-actions.ts";
import { nowMs, openCatalogWorld, payloadIn } from "./catalog-world.ts";
import type { CatalogWorld, Modelled } from "./catalog-world.ts";

/** One action, and what must hold after it: what is listed is what the model has, and what is whole has every byte. */
async function takeStep(world: CatalogWorld): Promise<void> {
  const names = Object.keys(ACTIONS);
  const name = names[world.random(names.length)] ?? "run";
  world.taken.set(name, (world.taken.get(name) ?? 0) + 1);
  await ACTIONS[name]?.(world);
  await endLocks(world.target);
  await expectModel(world);
}

/** As half an hour does it. */
async function endLocks(target: Storage): Promise<void> {
  const keys: string[] = [];
  for await (const entry of target.list(".milvus-backup/locks/")) if (entry.kind === "object") keys.push(entry.key);
  await target.delete(keys);
}

async function expectModel(world: CatalogWorld): Promise<void> {
  const { target, model, expected } = world;
  const entries = await listBackups(target, { now: () => new Date(nowMs(world)) });
  const listed = new Map(entries.map((entry) => [entry.name, entry]));
  for (const [name, own] of model) {
    expectEntry(name, own, listed.get(name));
    if (own.state === "whole" && !own.isCorrupt) expect(await payloadIn(target, name)).toEqual(expected);
  }
  expect([...listed.keys()].filter((name) => !model.has(name))).toEqual([]);
}

function expectEntry(name: string, { state, isPinned, check }: Modelled, found: BackupEntry | undefined): void {
  if (state !== "whole") {
    expect([name, found?.state === "complete" || found?.state === "partial"]).toEqual([name, false]);
    return;
  }
  const told = { state: found?.state, isPinned: found?.pinned !== undefined, isDamaged: found?.damaged !== undefined };
  const isDamaged = check?.verdict === "damaged";
  expect([name, told]).toEqual([name, { state: "complete", isPinned, isDamaged }]);
}

/** So many random actions, every one of them at least once. */
export async function takeSteps(seed: number, steps: number): Promise<void> {
  const world = await openCatalogWorld(seed);
  await using _job = world.job;
  for (let step = 1; step <= steps; step += 1) {
    try {
      await takeStep(world);
    } catch (error) {
      throw new Error(`step ${step} from seed ${seed}, after ${JSON.stringify([...world.taken])}`, { cause: error });
    }
  }
  expect([...world.taken.keys()].toSorted()).toEqual(Object.keys(ACTIONS).toSorted());
}
