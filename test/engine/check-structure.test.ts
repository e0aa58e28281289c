import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { RunReport } from "../../src/core/report.ts";
import type { RestoreChoices } from "../../src/engine/restore-job.ts";
import { backUp, openTestJob, restore } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { ok } from "../support/fake-milvus.ts";
import type { FakeHandler, FakeHandlers } from "../support/fake-milvus.ts";
import { refusedStatus } from "../support/milvus-world.ts";
import type { MilvusWorld } from "../support/milvus-world.ts";

const NAME = "default.a";
const TTL = { key: "collection.ttl.seconds", value: "3600" };
const MMAP = { key: "mmap.enabled", value: "true" };
const INDEX_PARAMS = [
  { key: "index_type", value: "IVF_FLAT" },
  { key: "metric_type", value: "L2" },
  { key: "params", value: '{"nlist":16}' },
];

/** A backup of a collection that has something of everything. */
async function openBackedUp(): Promise<Storage> {
  const target = openMemory();
  await using job = await openTestJob({ collections: [NAME], target });
  const collection = job.world.collections.get(NAME);
  collection?.properties.push(TTL, MMAP);
  collection?.aliases.push("books");
  collection?.indexes.push({
    field_name: "price",
    index_name: "by_price",
    params: INDEX_PARAMS,
    indexID: "1",
    state: 3,
  });
  expect((await backUp(job)).state).toBe("complete");
  return target;
}

type Handlers = (world: MilvusWorld) => FakeHandlers;

async function openOdd(handlers: Handlers, collections: readonly string[] = []): Promise<TestJob> {
  return await openTestJob({ collections, target: await openBackedUp(), handlers });
}

/** A request that reaches Milvus changed on its way. */
function changed(handler: FakeHandler | undefined, change: object): FakeHandler {
  return (request) => handler?.({ ...request, ...change }) ?? ok();
}

function outcomeOf({ state, exitStatus, collections: [outcome] }: RunReport) {
  return { state, exitStatus, notes: outcome?.notes, message: outcome?.error?.message };
}

const NOT_IT = "The rows of default.a are right, but it is not the collection of the backup: ";

describe("what a restore made, compared with what it was asked for", () => {
  it("checkStructure() is content with a Milvus that makes what it is asked for", async () => {
    await using job = await openOdd(() => ({}));
    expect(outcomeOf(await restore(job))).toEqual({
      state: "complete",
      exitStatus: 0,
      notes: [],
      message: undefined,
    });
  });

  it.each<[what: string, handlers: Handlers]>([
    [
      "number of shards is 3, not 1",
      ({ handlers }) => ({ CreateCollection: changed(handlers.CreateCollection, { shards_num: 3 }) }),
    ],
    [
      "consistency level is Bounded, not Strong",
      ({ handlers }) => ({ CreateCollection: changed(handlers.CreateCollection, { consistency_level: 2 }) }),
    ],
    ["property collection.ttl.seconds is not there, it was 3600", () => ({ AlterCollection: () => ({ code: 0 }) })],
    ["index by_price is not there", () => ({ CreateIndex: () => ({ code: 0 }) })],
    [
      "index by_price: index_type is not there, it was IVF_FLAT, index by_price: metric_type is not there, it was L2, " +
        "index by_price: nlist is not there, it was 16",
      ({ handlers }) => ({ CreateIndex: changed(handlers.CreateIndex, { extra_params: [] }) }),
    ],
  ])("checkStructure() says 4 when %s, and leaves the new collection", async (what, handlers) => {
    await using job = await openOdd(handlers);
    expect(outcomeOf(await restore(job))).toEqual({
      state: "failed",
      exitStatus: 4,
      notes: [],
      message: `${NOT_IT}${what}`,
    });
    expect([...job.world.collections.keys()]).toEqual([NAME]);
  });

  it("checkStructure() gives up no collection for one that is not the backup's", async () => {
    await using job = await openOdd(() => ({ CreateIndex: () => ({ code: 0 }) }), [NAME]);
    const old = job.world.collections.get(NAME);
    const report = await restore(job, { onConflict: "replace" });
    expect([report.exitStatus, [...job.world.collections]]).toEqual([4, [[NAME, old]]]);
  });

  it.each<{ onConflict: "fail" | "replace"; there: readonly string[] }>([
    { onConflict: "fail", there: [] },
    { onConflict: "replace", there: [NAME] }, // whose other collection cannot be dropped either
  ])(
    "checkStructure() leaves out no difference: the notes have what the message has no room for: %o",
    async (given) => {
      const params = [{ key: "its own", value: "1" }];
      const handlers: Handlers = ({ handlers: real }) => ({
        CreateCollection: changed(real.CreateCollection, { shards_num: 3, consistency_level: 2 }),
        AlterCollection: () => ({ code: 0 }),
        CreateIndex: changed(real.CreateIndex, { extra_params: params }),
        DropCollection: () => refusedStatus(65_535, "cannot drop"),
      });
      await using job = await openOdd(handlers, given.there);
      const { message, notes } = outcomeOf(await restore(job, { onConflict: given.onConflict }));
      expect(message).toContain("index by_price: metric_type is not there, it was L2, and 1 more");
      expect(notes).toEqual([
        "index by_price: nlist is not there, it was 16",
        "index by_price: its own is 1, and is not in the backup",
      ]);
    },
  );

  it("checkStructure() only notes what a server adds", async () => {
    const added = [MMAP, { key: "timezone", value: "UTC" }];
    await using job = await openOdd(({ handlers }) => ({
      CreateCollection: changed(handlers.CreateCollection, { properties: added }),
    }));
    expect(outcomeOf(await restore(job))).toMatchObject({
      state: "complete",
      notes: ["property timezone is UTC, and is not in the backup"],
    });
  });

  it.each<Partial<RestoreChoices>>([{ index: "auto" }, { index: "none" }])(
    "checkStructure() compares indexes with what was asked for: %o",
    async (choices) => {
      await using job = await openOdd(() => ({}));
      const report = await restore(job, { choices: { index: "same", aliases: "kept", load: false, ...choices } });
      expect(report.state).toBe("complete");
    },
  );

  it("restoreAliases() says 4 when Milvus does not know an alias that it was given", async () => {
    await using job = await openOdd(() => ({ CreateAlias: () => ({ code: 0 }) }));
    expect(outcomeOf(await restore(job))).toEqual({
      state: "failed",
      exitStatus: 4,
      notes: [],
      message: "default.a is restored, but Milvus does not know its aliases books",
    });
  });
});
