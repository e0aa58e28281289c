/** Random sequences of what happens to a target, against a model of what must be in it. */
import { expect } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { keepReserve } from "../../src/catalog/reserve.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { systemClock } from "../../src/io/clock.ts";
import { agingStorage } from "./aging-storage.ts";
import type { AgingStorage } from "./aging-storage.ts";
import { ACTIONS } from "./catalog-actions.ts";
import { backUp, createTestRun, openTestJob, toTarget } from "./engine-run.ts";
import type { TestJob, TestRun } from "./engine-run.ts";
import { recordingStorage } from "./recording-storage.ts";
import { contentsOf } from "./storage-content.ts";

export const POLICY = "nightly";

/** What the model knows of a backup; one that is gone is not in it. */
export interface Modelled {
  readonly state: "whole" | "unfinished" | "deleting";
  /** Somebody changed an object of it: who lists cannot know. */
  readonly isCorrupt: boolean;
  readonly isPinned: boolean;
  /** What the last check found, and when. */
  readonly check?: { readonly verdict: "ok" | "damaged"; readonly atMs: number } | undefined;
  /** An object that nothing names: since when it is there, and known to be nobody's, by the store's clock. */
  readonly stray?: { readonly key: string; readonly bornMs: number; readonly notedMs?: number | undefined } | undefined;
}

export interface CatalogWorld {
  readonly job: TestJob;
  /** Its clock is the world's. */
  readonly target: AgingStorage;
  readonly model: Map<string, Modelled>;
  /** A whole number below this one. */
  readonly random: (below: number) => number;
  /** The payload of any whole backup, by keys in it. */
  readonly expected: Readonly<Record<string, string>>;
  /** What a backup changes in its target, in order. */
  readonly changes: readonly string[];
  /** How often each action was taken. */
  readonly taken: Map<string, number>;
  readonly clock: { aheadMs: number };
}

export type Action = (world: CatalogWorld) => Promise<void>;

export const WHOLE: Modelled = { state: "whole", isCorrupt: false, isPinned: false };

let runs = 0;

/** A run on the world's clock, into its target or what stands before it. */
export function jobOf({ job, clock, target }: CatalogWorld, storage: Storage = target): TestJob {
  runs += 1;
  return { ...job, run: runAt(clock, `model_${runs}`), target: toTarget("nas", storage) };
}

function runAt(clock: CatalogWorld["clock"], runId: string): TestRun {
  return createTestRun(runId, { now: () => new Date(Date.now() + clock.aheadMs) });
}

/** By the world's clock. */
export function nowMs({ clock }: CatalogWorld): number {
  return Date.now() + clock.aheadMs;
}

async function openCatalogWorld(seed: number): Promise<CatalogWorld> {
  const clock = { aheadMs: 0 };
  const ofMilvus = { now: () => Date.now() + clock.aheadMs, sleep: systemClock.sleep };
  const job = await openTestJob({ collections: ["default.a"], clock: ofMilvus });
  const target = agingStorage(openMemory());
  await keepReserve(target); // or the first backup would change more than the others
  const recording = recordingStorage(target);
  await backUp(
    { ...job, run: runAt(clock, "first"), target: toTarget("nas", recording) },
    { backup: "first", policy: POLICY },
  );
  const expected = await payloadIn(target, "first");
  const model = new Map([["first", WHOLE]]);
  const { changes } = recording;
  return { job, target, model, random: randomOf(seed), expected, changes: [...changes], taken: new Map(), clock };
}

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
  for (const [name, { state, isCorrupt, isPinned, check }] of model) {
    const found = listed.get(name);
    if (state !== "whole") {
      expect([name, found?.state === "complete" || found?.state === "partial"]).toEqual([name, false]);
      continue;
    }
    const told = {
      state: found?.state,
      isPinned: found?.pinned !== undefined,
      isDamaged: found?.damaged !== undefined,
    };
    const isDamaged = check?.verdict === "damaged";
    expect([name, told]).toEqual([name, { state: "complete", isPinned, isDamaged }]);
    if (!isCorrupt) expect(await payloadIn(target, name)).toEqual(expected);
  }
  expect([...listed.keys()].filter((name) => !model.has(name))).toEqual([]);
}

/** Strays have other names. */
export async function payloadIn(target: Storage, name: string): Promise<Readonly<Record<string, string>>> {
  const contents = Object.entries(await contentsOf(target, `${name}/`));
  return Object.fromEntries(
    contents.flatMap(([key, content]) => (key.endsWith(".json") ? [] : [[key.slice(name.length), content]])),
  );
}

export function pick({ model, random }: CatalogWorld, states: readonly Modelled["state"][]): string | undefined {
  const names = [...model].flatMap(([name, { state }]) => (states.includes(state) ? [name] : []));
  return names[random(names.length)];
}

/** mulberry32: the same numbers from the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
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
