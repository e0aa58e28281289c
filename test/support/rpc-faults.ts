/** Every request to Milvus that a backup and a restore make, under what can befall it, and what must hold then. */
import { expect } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { isBackupError } from "../../src/core/errors.ts";
import type { RunReport } from "../../src/core/report.ts";
import { isMilvusError } from "../../src/milvus/errors.ts";
import type { RpcName } from "../../src/milvus/rpc.ts";
import { anotherRun, backUp, openTestJob, restore } from "./engine-run.ts";
import type { TestJob } from "./engine-run.ts";
import { createFakeClock } from "./fake-clock.ts";
import { grpcFailure } from "./fake-milvus.ts";
import type { FakeHandler, FakeHandlers } from "./fake-milvus.ts";
import type { MilvusWorld } from "./milvus-world.ts";
import { cloneStorage, keysOf } from "./storage-content.ts";
import { payloadOf } from "./unfinished.ts";

/** Answered so; with bytes that hold nothing, which is how older servers refuse what they do not know; done, but not answered. */
const ANSWERS = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "{}", "lost"] as const;

interface RpcFault {
  readonly rpc: RpcName;
  readonly answer: (typeof ANSWERS)[number];
  /** The first one only, or all of them. */
  readonly often: "once" | "always";
}

/** What befalls requests just now, and which were made. */
interface Weather {
  fault: RpcFault | undefined;
  readonly asked: Set<RpcName>;
}

interface RpcWorld extends AsyncDisposable {
  readonly job: TestJob;
  readonly weather: Weather;
}

const COLLECTION = "default.a";

async function openRpcWorld(): Promise<RpcWorld> {
  const weather: Weather = { fault: undefined, asked: new Set() };
  const handlers = (world: MilvusWorld): FakeHandlers => {
    const all = Object.entries(world.handlers) as [RpcName, FakeHandler][]; // by FakeHandlers
    return Object.fromEntries(all.map(([rpc, handler]) => [rpc, inWeather(weather, rpc, handler)]));
  };
  const clock = createFakeClock(Date.now());
  const job = await openTestJob({ collections: [COLLECTION], handlers, clock });
  return { job, weather, [Symbol.asyncDispose]: () => job[Symbol.asyncDispose]() };
}

function inWeather(weather: Weather, rpc: RpcName, handler: FakeHandler): FakeHandler {
  return async (request) => {
    weather.asked.add(rpc);
    const { fault } = weather;
    if (fault?.rpc !== rpc) return handler(request);
    if (fault.often === "once") weather.fault = undefined;
    if (fault.answer === "{}") return new Uint8Array();
    if (fault.answer !== "lost") throw grpcFailure(fault.answer, "as the test says");
    await handler(request);
    throw grpcFailure("UNAVAILABLE", "the connection was lost");
  };
}

/** Every `step`-th of them. */
function everyFault(asked: ReadonlySet<RpcName>, step: number): readonly RpcFault[] {
  const all = [...asked].flatMap((rpc) =>
    ANSWERS.flatMap((answer) => (["once", "always"] as const).map((often): RpcFault => ({ rpc, answer, often }))),
  );
  return all.filter((_, index) => index % step === 0);
}

/** How each of them ended: the state of the run, or the error with which it could not begin. */
export type RpcEnds = ReadonlyMap<string, string>;

async function befallEach(
  { weather }: RpcWorld,
  step: number,
  run: (fault: RpcFault) => Promise<string>,
): Promise<RpcEnds> {
  const ends = new Map<string, string>();
  for (const fault of everyFault(weather.asked, step)) {
    const name = `${fault.rpc} ${fault.often} ${fault.answer}`;
    weather.fault = fault;
    try {
      ends.set(name, await run(fault));
    } catch (error) {
      throw new Error(name, { cause: error });
    } finally {
      weather.fault = undefined;
    }
  }
  return ends;
}

async function endOf(run: () => Promise<RunReport>): Promise<string> {
  try {
    return (await run()).state;
  } catch (error) {
    if (isBackupError(error) || isMilvusError(error)) return error.name;
    throw error;
  }
}

/** Backups: one that is whole has everything, and the next one is whole. */
export async function backUpUnderRpcFaults(step: number): Promise<RpcEnds> {
  await using world = await openRpcWorld();
  const { job, weather } = world;
  const whole = openMemory();
  await backUp(anotherRun(job, whole));
  const expected = await payloadOf(whole);
  return await befallEach(world, step, async () => {
    const target = openMemory();
    const end = await endOf(() => backUp(anotherRun(job, target)));
    const [entry] = await listBackups(target);
    expect(entry?.state === "complete").toBe(end === "complete");
    if (end === "complete") expect(await payloadOf(target)).toEqual(expected);
    weather.fault = undefined;
    expect((await backUp(anotherRun(job, target), { backup: "b2" })).state).toBe("complete");
    return end;
  });
}

/** Restores: one that is whole has every row, one that is not says what it left, and the next one is whole. */
export async function restoreUnderRpcFaults(step: number): Promise<RpcEnds> {
  await using world = await openRpcWorld();
  const { job, weather } = world;
  await backUp(anotherRun(job));
  weather.asked.clear();
  await restore(anotherRun(job), { suffix: "_first" });
  await clear(job);
  const target = await cloneStorage(job.target.storage);
  return await befallEach(world, step, async () => {
    const run = anotherRun(job, target);
    const end = await endOf(() => restore(run, { suffix: "_r" }));
    const told = JSON.stringify(run.run.failures);
    for (const name of madeIn(job)) if (end !== "complete") expect(told).toContain(name);
    if (end !== "complete" && (await leftInBucket(job)).length > 0) expect(told).toContain("restore_temp_");
    if (end === "complete") expect([madeIn(job), await leftInBucket(job)]).toEqual([[`${COLLECTION}_r`], []]);
    weather.fault = undefined;
    expect((await restore(anotherRun(job, target), { suffix: "_next" })).state).toBe("complete");
    await clear(job);
    return end;
  });
}

function madeIn({ world }: TestJob): readonly string[] {
  return [...world.collections.keys()].filter((name) => name !== COLLECTION);
}

function leftInBucket({ source }: TestJob): Promise<readonly string[]> {
  return keysOf(source.root, "restore_temp_");
}

async function clear(job: TestJob): Promise<void> {
  for (const name of madeIn(job)) job.world.drop(name);
  await job.source.root.delete(await leftInBucket(job));
}
