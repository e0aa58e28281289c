/** Races of real processes for the locks of a target, in an order of their calls that a seed decides. */
import { expect } from "vitest";
import { isLive, readLocks, readStoreTime } from "../../src/catalog/read-locks.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { pollUntil } from "../../src/io/poll-until.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import type { Pass, Racer, RacerOrder } from "./lock-racers.ts";
import type { Random } from "./random.ts";

export interface RaceTrack {
  /** What the racers contend in. */
  readonly storage: Storage;
  /** Three: the first is the one that is stopped. */
  readonly racers: readonly Racer[];
  /** How long a lock lives without a refresh. */
  readonly staleMs: number;
  /** By how much the store's times are too early: one that tells seconds cuts them. */
  readonly grainMs: number;
}

export interface Race {
  readonly name: string;
  readonly isPaused: boolean;
  readonly random: Random;
}

interface Contender {
  readonly racer: Racer;
  readonly role: RacerOrder["role"];
}

/** Runs it, and gives back how many have passed their look; throws when two have that must not be there at once. */
export async function runRace(track: RaceTrack, race: Race): Promise<number> {
  const { random } = race;
  const prefix = `race_${race.name}`;
  const storage = scopeStorage(track.storage, prefix);
  const contenders = track.racers.map((racer, index): Contender => ({
    racer,
    role: random(4) < (index === 0 && race.isPaused ? 2 : 3) ? "delete" : "backup",
  }));
  const begin = ({ racer, role }: Contender, index: number): void =>
    racer.begin({ prefix, role, runId: `${race.name}_${index}`, staleMs: race.isPaused ? track.staleMs : 600_000 });
  const [first] = contenders;
  if (race.isPaused && first !== undefined) {
    begin(first, 0);
    await stopSomewhere(first.racer, random);
    await becomeStale(storage, `${race.name}_0`, track.staleMs);
    contenders.slice(1).forEach((one, index) => begin(one, index + 1));
    await drive(contenders, random, { stopped: first.racer, goesOnAfter: random(24) });
  } else {
    contenders.forEach(begin);
    await drive(contenders, random);
  }
  const passed = judge(contenders, race.isPaused ? track.staleMs - track.grainMs : Number.POSITIVE_INFINITY);
  for (const { racer } of contenders) await racer.finish();
  for (const kind of ["exclusive", "shared"] as const) {
    const held = (await readLocks(storage, kind)).filter(({ body }) => body?.released !== true);
    expect(held).toEqual([]);
  }
  return passed;
}

const CALLS_OF_ONE = 12;

/** Every other time when it holds its lock and is about to look, else at one of its calls, or in the middle of one. */
async function stopSomewhere(racer: Racer, random: Random): Promise<void> {
  const isToHold = random(2) === 0;
  for (let calls = isToHold ? Number.POSITIVE_INFINITY : random(CALLS_OF_ONE); calls > 0; calls -= 1) {
    await racer.settle();
    if (racer.end() !== undefined || (isToHold && racer.isAboutToLook())) return racer.stop();
    racer.step();
  }
  if (random(2) === 0) await racer.settle();
  racer.stop();
}

/** Waits until what it holds could be taken over, if it holds anything yet. */
async function becomeStale(storage: Storage, runId: string, staleMs: number): Promise<void> {
  const isStale = async (): Promise<true | undefined> => {
    const locks = [...(await readLocks(storage, "exclusive")), ...(await readLocks(storage, "shared"))];
    const own = locks.filter(({ body }) => body?.runId === runId);
    if (own.length === 0) return true;
    const now = await readStoreTime(storage, "watcher");
    return own.some((lock) => isLive(lock, { now, staleMs })) ? undefined : true;
  };
  await pollUntil(isStale, { what: "a lock to become stale", intervalMs: staleMs / 10, deadline: Date.now() + 30_000 });
}

interface Stopped {
  readonly stopped: Racer;
  /** So many calls of the others. */
  readonly goesOnAfter: number;
}

/** Lets one call after another happen, of whom the seed says, until all have ended. */
async function drive(contenders: readonly Contender[], random: Random, pause?: Stopped): Promise<void> {
  let stopped = pause?.stopped;
  let last: Racer | undefined;
  for (let calls = 0; ; calls += 1) {
    const running = await contending(contenders, stopped);
    if (stopped !== undefined && (running.length === 0 || calls === pause?.goesOnAfter)) {
      stopped.goOn();
      stopped = undefined;
      continue;
    }
    last = nextOf(running, last, random);
    if (last === undefined) return;
    last.step();
  }
}

/** Mostly the same for some calls: what one does undisturbed is what another must see. */
function nextOf(running: readonly Racer[], last: Racer | undefined, random: Random): Racer | undefined {
  const goesOn = last !== undefined && running.includes(last) && random(6) > 0;
  return goesOn ? last : running[random(running.length)];
}

/** Those that are at a call, once all are at one or have ended but the one that is stopped. */
async function contending(contenders: readonly Contender[], stopped?: Racer): Promise<readonly Racer[]> {
  const there = contenders.map(({ racer }) => racer).filter((racer) => racer !== stopped);
  await Promise.all(there.map((racer) => racer.settle()));
  return there.filter((racer) => racer.end() === undefined);
}

/**
 * Whoever passed may act until what he holds can have become stale: no one whom he excludes may pass before. Readers and
 * writers exclude deletions only.
 */
function judge(contenders: readonly Contender[], validMs: number): number {
  const passes = contenders.flatMap(({ racer, role }) => {
    const passed = racer.end()?.passed;
    return passed === undefined ? [] : [{ role, ...passed }];
  });
  for (const one of passes) {
    for (const other of passes) {
      const isExcluded = one !== other && (one.role === "delete" || other.role === "delete");
      if (isExcluded && isWithin(one, other, validMs)) expect(passes).toEqual("at most one, at any time");
    }
  }
  return passes.length;
}

function isWithin(one: Pass, other: Pass, validMs: number): boolean {
  return other.passedAtMs >= one.passedAtMs && other.passedAtMs < one.lookedAtMs + validMs;
}
