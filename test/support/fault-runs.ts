/** The runs that faults befall: a backup, its resumption, and a backup whose source fails. */
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { anotherRun, backUp, openTestJob, resumeB1 } from "./engine-run.ts";
import type { TestJob } from "./engine-run.ts";
import { attempt, countCalls, everyFault, expectNothingLost, openTargetWithEarlier, under } from "./fault-matrix.ts";
import type { Befallen, Survivors } from "./fault-matrix.ts";
import { cloneStorage } from "./storage-content.ts";
import { killAfter, payloadOf } from "./unfinished.ts";

/** How often each end came. */
export type Ends = ReadonlyMap<string, number>;

interface World extends Survivors {
  readonly job: TestJob;
  /** With an earlier backup in it. */
  readonly target: Storage;
}

async function openWorld(): Promise<World> {
  const job = await openTestJob({ collections: ["default.a", "shop.b"] });
  const whole = openMemory();
  await backUp(anotherRun(job, whole));
  return { job, expected: await payloadOf(whole), ...(await openTargetWithEarlier(job)) };
}

async function befallEach(
  world: World,
  befallen: readonly Befallen[],
  run: (one: Befallen, stop: AbortController) => Promise<Storage>,
): Promise<Ends> {
  const ends = new Map<string, number>();
  for (const one of befallen) {
    try {
      const target = await run(one, new AbortController());
      const end = await expectNothingLost(world.job, target, world);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    } catch (error) {
      throw new Error(`${one.method} ${one.nth}: ${one.what}`, { cause: error });
    }
  }
  return ends;
}

/** A backup into a target that has one already, under every `step`-th fault of the target. */
export async function underTargetFaults(step: number): Promise<Ends> {
  const world = await openWorld();
  await using job = world.job;
  const calls = await countCalls((counting) => backUp(anotherRun(job, counting(openMemory()))));
  return await befallEach(world, everyFault(calls, step), async (one, stop) => {
    const target = await cloneStorage(world.target);
    await attempt(() => backUp(anotherRun(job, under(one, target, stop), stop.signal)));
    return target;
  });
}

/** The resumption of a backup that was killed in its middle, under the same. */
export async function underFaultsOfResumption(step: number): Promise<Ends> {
  const world = await openWorld();
  await using job = world.job;
  const killed = await killAfter(job, 24, world.target);
  const calls = await countCalls(async (counting) => resumeB1(anotherRun(job, counting(await cloneStorage(killed)))));
  return await befallEach(world, everyFault(calls, step), async (one, stop) => {
    const target = await cloneStorage(killed);
    await attempt(() => resumeB1(anotherRun(job, under(one, target, stop), stop.signal)));
    return target;
  });
}

/** A backup under every `step`-th fault of the storage that Milvus keeps its segments in. */
export async function underSourceFaults(step: number): Promise<Ends> {
  const world = await openWorld();
  await using job = world.job;
  const withSource = (run: TestJob, root: Storage): TestJob => ({
    ...run,
    source: { ...run.source, root, segments: scopeStorage(root, "files") },
  });
  const { root } = job.source;
  const calls = await countCalls((counting) => backUp(withSource(anotherRun(job, openMemory()), counting(root))));
  const faults = everyFault(calls, step).filter(({ what }) => what !== "wrong-bytes"); // nothing else says what they are
  return await befallEach(world, faults, async (one, stop) => {
    const target = await cloneStorage(world.target);
    await attempt(() => backUp(withSource(anotherRun(job, target, stop.signal), under(one, root, stop))));
    return target;
  });
}
