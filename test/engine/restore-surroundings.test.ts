import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { BackupError } from "../../src/core/errors.ts";
import type { RestoreChoices } from "../../src/engine/restore-job.ts";
import type { RestoreRequest } from "../../src/engine/restore.ts";
import { anotherRun, backUp, openTestJob, restore } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { ok } from "../support/fake-milvus.ts";

const DEFAULTS: RestoreChoices = { index: "same", aliases: "kept", load: false };

const INDEX = {
  index_name: "by_price",
  indexID: "1",
  field_name: "price",
  state: 3,
  params: [
    { key: "index_type", value: "STL_SORT" },
    { key: "metric_type", value: "L2" },
  ],
};
const LOADED = 3;

/** A backup of default.a, which was loaded, had an index and the alias "books". */
async function openBackedUp(index: object = INDEX): Promise<Storage> {
  const target = openMemory();
  await using job = await openTestJob({
    collections: ["default.a"],
    target,
    handlers: () => ({
      DescribeIndex: () => ok({ index_descriptions: [index] }),
      GetLoadState: () => ok({ state: LOADED }),
    }),
  });
  job.world.collections.get("default.a")?.aliases.push("books");
  await backUp(job);
  return target;
}

async function openEmpty(target: Storage, collections: readonly string[] = []): Promise<TestJob> {
  return openTestJob({
    collections,
    target,
    handlers: () => ({
      GetLoadState: () => ok({ state: LOADED }),
      Query: () => ok({ fields_data: [{ scalars: { long_data: { data: ["12"] } } }] }),
    }),
  });
}

/** What was sent besides rows, and what the report says was left out. */
async function bringBack(
  choices: Partial<RestoreChoices>,
  request: Partial<RestoreRequest> = {},
  { there = [], index = INDEX }: { readonly there?: readonly string[]; readonly index?: object } = {},
) {
  await using job = await openEmpty(await openBackedUp(index), there);
  const report = await restore(job, { ...request, choices: { ...DEFAULTS, ...choices } });
  expect(report.state).toBe("complete");
  const indexes = job.fake
    .sent("CreateIndex")
    .map((sent) => [sent["field_name"], sent["index_name"], sent["extra_params"]]);
  const aliases = job.fake.sent("CreateAlias").map((sent) => sent["alias"]);
  return { indexes, aliases, loads: job.fake.sent("LoadCollection").length, notes: report.collections[0]?.notes };
}

const NOT_LOADED = "it was loaded, and is not loaded now: --load";

describe("what a restore brings back around the rows", () => {
  it("restoreSurroundings() makes indexes as they were and aliases, and names what it leaves", async () => {
    expect(await bringBack({})).toEqual({
      indexes: [["price", "by_price", INDEX.params]],
      aliases: ["books"],
      loads: 0,
      notes: [NOT_LOADED],
    });
  });

  it("restoreSurroundings() with auto keeps the metric and lets Milvus choose the rest", async () => {
    const { indexes } = await bringBack({ index: "auto" });
    expect(indexes).toEqual([
      [
        "price",
        "by_price",
        [
          { key: "index_type", value: "AUTOINDEX" },
          { key: "metric_type", value: "L2" },
        ],
      ],
    ]);
  });

  it("restoreSurroundings() with auto says nothing of an index without a metric: Milvus 2.3 has no AUTOINDEX of scalars", async () => {
    const scalar = { ...INDEX, params: [{ key: "index_type", value: "STL_SORT" }] };
    const { indexes } = await bringBack({ index: "auto" }, {}, { index: scalar });
    expect(indexes).toEqual([["price", "by_price", []]]);
  });

  it("restoreSurroundings() with none makes no index and does not load, and says so", async () => {
    expect(await bringBack({ index: "none", load: true })).toEqual({
      indexes: [],
      aliases: ["books"],
      loads: 0,
      notes: [
        "1 indexes are not restored: --index none",
        "it was loaded, and cannot be loaded without an index: --index none",
      ],
    });
  });

  it("restoreSurroundings() loads what was loaded, when it is told to", async () => {
    expect(await bringBack({ load: true })).toMatchObject({ loads: 1, notes: [] });
  });

  it.each([
    [{ aliases: "kept" }, { suffix: "_2" }, [], ["alias books is not restored: --aliases kept"]],
    [{ aliases: "all" }, { suffix: "_2" }, ["books"], []],
    [{ aliases: "none" }, {}, [], ["alias books is not restored: --aliases none"]],
  ] as const)("restoreAliases() with %o and %o", async (...given) => {
    const [choices, request, aliases, notes] = given;
    const found = await bringBack(choices, request);
    expect([found.aliases, found.notes]).toEqual([aliases, [NOT_LOADED, ...notes]]);
  });

  it("restoreAliases() takes no alias from another collection", async () => {
    await using job = await openTestJob({ collections: ["default.other"], target: await openBackedUp() });
    job.world.collections.get("default.other")?.aliases.push("books");
    const report = await restore(job);
    expect([report.state, report.collections[0]?.notes, job.world.collections.get("default.other")?.aliases]).toEqual([
      "complete",
      [NOT_LOADED, "alias books is not restored: it is taken"],
      ["books"],
    ]);
  });

  it("restoreAliases() that is stopped leaves the whole collection, names it, and a resumption goes on with it", async () => {
    const stop = new AbortController();
    const target = await openBackedUp();
    await using job = await openTestJob({
      collections: [],
      target,
      signal: stop.signal,
      handlers: ({ handlers }) => ({
        CreateAlias: (request) => {
          if (stop.signal.aborted) return handlers.CreateAlias?.(request) ?? {};
          stop.abort(new BackupError("interrupted", "The run was stopped by SIGINT"));
          return new Promise(() => undefined);
        },
      }),
    });
    const { exitStatus, collections } = await restore(job);
    expect([exitStatus, collections[0]?.error]).toEqual([
      130,
      {
        code: "interrupted",
        message: "The run was stopped by SIGINT",
        hint: "default.a is whole but for its aliases: create them, or restore it again with --resume",
      },
    ]);
    const resumed = await restore(anotherRun(job, target), { resume: true });
    expect([resumed.state, job.world.collections.get("default.a")?.aliases]).toEqual(["complete", ["books"]]);
  });

  it("restoreSurroundings() leaves everything but rows alone where they are appended", async () => {
    expect(await bringBack({ load: true }, { onConflict: "append" }, { there: ["default.a"] })).toEqual({
      indexes: [],
      aliases: [],
      loads: 0,
      notes: ["appended: its own indexes, properties, aliases and load state are left as they are"],
    });
  });
});
