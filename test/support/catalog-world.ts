/** A target and what the model knows of it, for random sequences of what happens to it. */
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { keepReserve } from "../../src/catalog/reserve.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { systemClock } from "../../src/io/clock.ts";
import { agingStorage } from "./aging-storage.ts";
import type { AgingStorage } from "./aging-storage.ts";
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

export async function openCatalogWorld(seed: number): Promise<CatalogWorld> {
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

/** The model with what has become of a backup. */
export function note({ model }: CatalogWorld, name: string, changed: Partial<Modelled>): void {
  model.set(name, { ...(model.get(name) ?? WHOLE), ...changed });
}
