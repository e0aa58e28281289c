import { describe, expect, it } from "vitest";
import { anotherRun, backUp, openTestJob, restore } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { grpcFailure } from "../support/fake-milvus.ts";
import type { FakeHandlers } from "../support/fake-milvus.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { refusedStatus, ROWS } from "../support/milvus-world.ts";
import type { MilvusWorld } from "../support/milvus-world.ts";
import { endLeases } from "../support/unfinished.ts";

const NAME = "shop.a";
const WRITTEN_SINCE = 100;

/** A backup of a collection with an alias that is free now, and what answers in place of the world. */
async function openJob(weather: { handlers: FakeHandlers }): Promise<TestJob> {
  const handlers = (world: MilvusWorld): FakeHandlers =>
    Object.fromEntries(
      Object.entries(world.handlers).map(([rpc, own]) => [
        rpc,
        (request: Readonly<Record<string, unknown>>) => (weather.handlers[rpc as keyof FakeHandlers] ?? own)(request), // by FakeHandlers
      ]),
    );
  const job = await openTestJob({ collections: [NAME], handlers, clock: createFakeClock(Date.now()) });
  job.world.collections.get(NAME)?.aliases.push("live");
  await backUp(anotherRun(job));
  job.world.collections.get(NAME)?.aliases.splice(0);
  return job;
}

/** Goes on with it after clients have written to what has the name; gives back what the resumption sent, and what is there. */
async function resume(job: TestJob) {
  await endLeases(job.target.storage);
  const there = job.world.collections.get(NAME);
  there?.rows.set("written since", WRITTEN_SINCE);
  const counts = ["Import", "DropCollection", "RenameCollection"] as const;
  const before = counts.map((rpc) => job.fake.sent(rpc).length);
  const { state } = await restore(anotherRun(job), { onConflict: "replace", resume: true });
  const sent = counts.map((rpc, at) => job.fake.sent(rpc).length - (before[at] ?? 0));
  const after = job.world.collections.get(NAME);
  const rows = [...(after?.rows.values() ?? [])].reduce((sum, own) => sum + own, 0);
  return {
    state,
    sent,
    isSame: after === there,
    rows,
    aliases: after?.aliases,
    names: [...job.world.collections.keys()],
  };
}

const KEPT = {
  state: "complete",
  sent: [0, 0, 0],
  isSame: true,
  rows: ROWS + WRITTEN_SINCE,
  aliases: ["live"],
  names: [NAME],
};

describe("a restore that has replaced a collection", () => {
  it("is resumed for its aliases alone: what has the name is not replaced again, nor what was written to it since", async () => {
    const weather: { handlers: FakeHandlers } = { handlers: {} };
    await using job = await openJob(weather);
    const replaced = job.world.collections.get(NAME);
    weather.handlers = { CreateAlias: () => refusedStatus(1100, "boom") };
    const report = await restore(anotherRun(job), { onConflict: "replace" });
    expect(report.collections[0]?.error?.hint).toContain("restore it again with --resume");
    expect(job.world.collections.get(NAME)).not.toBe(replaced);
    weather.handlers = {};
    expect(await resume(job)).toEqual(KEPT);
  });

  it("is resumed as well when it was killed before it could say that it has", async () => {
    const weather: { handlers: FakeHandlers } = { handlers: {} };
    await using job = await openJob(weather);
    let isDead = false;
    const dead = (): never => {
      throw grpcFailure("INTERNAL", "killed");
    };
    const own = job.world.handlers;
    weather.handlers = {
      RenameCollection: async (request) => {
        const reply = (await own.RenameCollection?.(request)) ?? {};
        isDead = true;
        return reply;
      },
      DescribeCollection: (request) => (isDead ? dead() : (own.DescribeCollection?.(request) ?? {})),
      CreateAlias: dead,
    };
    const target = failingStorage(job.target.storage, (operation) =>
      isDead ? failOn("unavailable", () => true)(operation) : undefined,
    );
    const report = await restore(anotherRun(job, target), { onConflict: "replace" });
    expect(report.collections[0]?.error?.message).toContain("Nobody could see whether");
    weather.handlers = {};
    expect(await resume(job)).toEqual(KEPT);
  });

  it("gives it its name also when it is stopped meanwhile, and Milvus refuses that for its rate at first", async () => {
    const weather: { handlers: FakeHandlers } = { handlers: {} };
    await using job = await openJob(weather);
    const stop = new AbortController();
    const own = job.world.handlers;
    let refusals = 2;
    weather.handlers = {
      DropCollection: (request) => {
        stop.abort(new Error("stopped"));
        return own.DropCollection?.(request) ?? {};
      },
      RenameCollection: (request) => {
        refusals -= 1;
        return refusals >= 0 ? refusedStatus(8, "rate limit exceeded") : (own.RenameCollection?.(request) ?? {});
      },
    };
    await restore(anotherRun(job, job.target.storage, stop.signal), { onConflict: "replace" });
    expect([[...job.world.collections.keys()], refusals]).toEqual([[NAME], -1]);
  });
});
