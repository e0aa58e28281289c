/** Random sequences of what happens to a target, against a model of what must be in it. An action is a row of ACTIONS. */
import { expect } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { deleteBackup } from "../../src/catalog/delete-backup.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { bytesBody, readBytes } from "../../src/io/body.ts";
import { anotherRun, backUp, openTestJob, resumeB1 } from "./engine-run.ts";
import type { TestJob } from "./engine-run.ts";
import { failingStorage, killedAfter } from "./failing-storage.ts";
import { recordingStorage } from "./recording-storage.ts";
import { contentsOf, keysOf } from "./storage-content.ts";
import { endLeases } from "./unfinished.ts";

/** What the model knows of a backup; one that is gone is not in it. */
interface Modelled {
  readonly state: "whole" | "unfinished" | "deleting";
  /** Somebody changed an object of it: who lists cannot know. */
  readonly isCorrupt: boolean;
}

interface CatalogWorld {
  readonly job: TestJob;
  readonly target: Storage;
  readonly model: Map<string, Modelled>;
  /** A whole number below this one. */
  readonly random: (below: number) => number;
  /** The payload of any whole backup, by keys in it. */
  readonly expected: Readonly<Record<string, string>>;
  /** What a backup changes in its target, in order. */
  readonly changes: readonly string[];
  /** How often each action was taken. */
  readonly taken: Map<string, number>;
}

type Action = (world: CatalogWorld) => Promise<void>;

const WHOLE: Modelled = { state: "whole", isCorrupt: false };

const ACTIONS: Readonly<Record<string, Action>> = {
  run: async (world) => {
    const name = newName(world);
    expect((await backUp(anotherRun(world.job, world.target), { backup: name })).state).toBe("complete");
    world.model.set(name, WHOLE);
  },
  kill: async (world) => {
    const { job, target, model, changes } = world;
    const name = newName(world);
    const at = 2 + world.random(changes.length - 2);
    await backUp(anotherRun(job, failingStorage(target, killedAfter(at))), { backup: name });
    const isWhole = changes.slice(0, at).some((change) => change.endsWith("/meta/backup_meta.json"));
    model.set(name, isWhole ? WHOLE : { state: "unfinished", isCorrupt: false });
  },
  resume: async (world) => {
    const name = pick(world, ["unfinished", "deleting", "whole"]);
    if (name === undefined) return;
    const before = world.model.get(name);
    const report = await resumeB1(anotherRun(world.job, world.target), name);
    if (before?.state !== "unfinished") expect(report).toBeUndefined();
    if (report === undefined) return;
    expect(report.state).toBe("complete");
    world.model.set(name, WHOLE); // what was corrupt is found, and copied again
  },
  "kill a resumption": async (world) => {
    const name = pick(world, ["unfinished"]);
    if (name === undefined) return;
    const { job, target, model, changes } = world;
    const killed = failingStorage(target, killedAfter(2 + world.random(changes.length / 2)));
    await resumeB1(anotherRun(job, killed), name);
    const keys = await keysOf(target, `${name}/meta/`);
    if (keys.includes(`${name}/meta/backup_meta.json`)) model.set(name, WHOLE);
  },
  delete: async (world) => {
    const name = pick(world, ["whole", "unfinished", "deleting"]);
    if (name === undefined) return;
    await deleteBackup(world.target, name);
    world.model.delete(name);
  },
  "kill a deletion": async (world) => {
    const name = pick(world, ["whole", "unfinished"]);
    if (name === undefined) return;
    const killed = failingStorage(world.target, killedAfter(1 + world.random(6)));
    await deleteBackup(killed, name).catch(() => undefined);
    const isThere = (await keysOf(world.target, `${name}/`)).length > 0;
    if (isThere) world.model.set(name, { state: "deleting", isCorrupt: false });
    else world.model.delete(name);
  },
  corrupt: async (world) => {
    const name = pick(world, ["whole", "unfinished"]);
    const own = name === undefined ? undefined : world.model.get(name);
    if (name === undefined || own === undefined) return;
    const keys = await keysOf(world.target, `${name}/binlogs/`);
    const key = keys[world.random(keys.length)];
    if (key === undefined) return;
    const bytes = await readBytes((await world.target.read(key)).body);
    await world.target.write(key, bytesBody(bytes.map((byte) => byte ^ 1)));
    world.model.set(name, { ...own, isCorrupt: true });
  },
};

async function openCatalogWorld(seed: number): Promise<CatalogWorld> {
  const job = await openTestJob({ collections: ["default.a"] });
  const target = recordingStorage(openMemory());
  await backUp(anotherRun(job, target), { backup: "first" });
  const expected = await payloadIn(target, "first");
  const { changes } = target;
  const model = new Map([["first", WHOLE]]);
  return { job, target, model, random: randomOf(seed), expected, changes: [...changes], taken: new Map() };
}

/** One action, and what must hold after it: what is listed is what the model has, and what is whole has every byte. */
async function takeStep(world: CatalogWorld): Promise<void> {
  const names = Object.keys(ACTIONS);
  const name = names[world.random(names.length)] ?? "run";
  world.taken.set(name, (world.taken.get(name) ?? 0) + 1);
  await ACTIONS[name]?.(world);
  await endLeases(world.target);
  await expectModel(world);
}

async function expectModel({ target, model, expected }: CatalogWorld): Promise<void> {
  const listed = new Map((await listBackups(target)).map(({ name, state }) => [name, state]));
  for (const [name, { state, isCorrupt }] of model) {
    const found = listed.get(name);
    if (state === "whole") expect([name, found]).toEqual([name, "complete"]);
    else expect([name, found === "complete" || found === "partial"]).toEqual([name, false]);
    if (state === "whole" && !isCorrupt) expect(await payloadIn(target, name)).toEqual(expected);
  }
  expect([...listed.keys()].filter((name) => !model.has(name))).toEqual([]);
}

async function payloadIn(target: Storage, name: string): Promise<Readonly<Record<string, string>>> {
  const contents = Object.entries(await contentsOf(target, `${name}/`));
  return Object.fromEntries(
    contents.flatMap(([key, content]) => (key.endsWith(".json") ? [] : [[key.slice(name.length), content]])),
  );
}

function newName({ model, random }: CatalogWorld): string {
  const name = `b${random(1_000_000)}`;
  return model.has(name) ? `${name}_` : name;
}

function pick({ model, random }: CatalogWorld, states: readonly Modelled["state"][]): string | undefined {
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
