/** A source that is not the same when it is copied as when it was planned, or not what Milvus says it is. */
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { MilvusClient } from "@zilliz/milvus2-sdk-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunReport } from "../../src/core/report.ts";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { listSegments } from "../../src/milvus/segments.ts";
import { collectionIdOf, collectNow, compact, copyingTooLate, smallSegments } from "../support/compacted-source.ts";
import { createAll, fill } from "../support/dataset.ts";
import { succeed, withClient } from "../support/dataset-client.ts";
import type { CollectionSpec } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { backUpAfter, openJob } from "../support/engine-job.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

const { local } = sandboxEnv();
/** What a collection has besides 25 rows; each test has one of its own, `goes_{test}`. */
const TESTS: Readonly<Record<string, Partial<CollectionSpec>>> = {
  glob: {},
  name: {},
  renamed: {},
  made: {},
  parts: {
    partitions: ["spring", "autumn"],
    steps: [...rowsOf([0, 25]), ...rowsOf([25, 40], "spring"), { kind: "flush" }],
  },
  compacted: smallSegments,
  orphans: { indexes: [{ field: "vector", type: "FLAT", metric: "L2" }] }, // Milvus compacts nothing else
};
let workspace: Workspace;
let home: string;

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => {
    const both = (name: string) => toDisk(...["stays", `goes_${name}`].map((one) => `${database("home")}.${one}`));
    const globs = Object.keys(TESTS).map((name) => [name, both(`${name}*`)] as const);
    return { policies: { ...Object.fromEntries(globs), name: both("name") } };
  });
  home = workspace.database("home");
  const goes = Object.entries(TESTS).map(([name, more]) => ({ ...specNamed(`goes_${name}`), ...more }));
  await createAll(local.address, [specNamed("stays"), ...goes]);
}, 120_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

function specNamed(name: string): CollectionSpec {
  return { ...specOf("shared"), database: home, name };
}

function rowsOf(rows: readonly [number, number], partition?: string): CollectionSpec["steps"] {
  return [{ kind: "insert", rows, ...(partition !== undefined && { partition }) }];
}

/** Plans what the policy of a test asks for, lets something happen to its collection, and carries it out. */
async function backUpWhile(name: string, meanwhile: (client: MilvusClient) => Promise<unknown>): Promise<RunReport> {
  await using job = await openJob(workspace, { source: "local", target: "disk" });
  return await backUpAfter(job, name, async () => {
    await withClient(local.address, home, meanwhile);
  });
}

function statesOf({ collections }: RunReport): Readonly<Record<string, readonly [string, number]>> {
  return Object.fromEntries(collections.map(({ collection, state, rows }) => [collection.name, [state, rows]]));
}

describe("a collection that changes between plan and copy", () => {
  it("is not missed when it is dropped and a glob selected it: the backup is complete, and says that it was dropped", async () => {
    const report = await backUpWhile("glob", (client) =>
      succeed(client.dropCollection({ collection_name: "goes_glob" })),
    );
    expect(report).toMatchObject({ state: "complete", exitStatus: 0 });
    expect(statesOf(report)).toEqual({ stays: ["complete", 25], goes_glob: ["dropped", 0] });
  });

  it("is missing when it is dropped and named: the backup is partial, and what is left of it restores with 3", async () => {
    const report = await backUpWhile("name", (client) =>
      succeed(client.dropCollection({ collection_name: "goes_name" })),
    );
    expect(report).toMatchObject({ state: "partial", exitStatus: 3 });
    expect(statesOf(report)).toEqual({ stays: ["complete", 25], goes_name: ["missing", 0] });
    const restored = await workspace.milvusBackup(`restore ${report.backup} --suffix _back --json`);
    expect(reportOf(restored)).toMatchObject({ state: "partial", exitStatus: 3 });
    expect(statesOf(reportOf(restored))).toEqual({ stays: ["complete", 25], goes_name: ["missing", 0] });
  });

  it("is missing when it is renamed, with its new name: the backup is partial, and the next one has it", async () => {
    const report = await backUpWhile("renamed", (client) =>
      succeed(client.renameCollection({ collection_name: "goes_renamed", new_collection_name: "goes_renamed_now" })),
    );
    expect(report).toMatchObject({ state: "partial", exitStatus: 3 });
    expect(statesOf(report)).toEqual({ stays: ["complete", 25], goes_renamed: ["failed", 0] });
    expect(JSON.stringify(report)).toContain(`was renamed to ${home}.goes_renamed_now during the run`);
    const next = reportOf(await workspace.milvusBackup("run renamed --json"));
    expect(statesOf(next)).toEqual({ stays: ["complete", 25], goes_renamed_now: ["complete", 25] });
  });

  it("is left to the next backup when it is made: this one has what was planned, and nothing of it", async () => {
    const report = await backUpWhile("made", () => createAll(local.address, [specNamed("goes_made_too")]));
    expect(report).toMatchObject({ state: "complete", exitStatus: 0 });
    expect(statesOf(report)).toEqual({ stays: ["complete", 25], goes_made: ["complete", 25] });
    const payload = await readdir(join(workspace.disk, report.backup, "binlogs/insert_log"));
    expect(payload).toHaveLength(2);
  });

  it("is taken with the partitions that it has then: one with its rows is gone, one has come", async () => {
    const report = await backUpWhile("parts", async (client) => {
      const name = { collection_name: "goes_parts" };
      await succeed(client.dropPartition({ ...name, partition_name: "spring" }));
      await succeed(client.createPartition({ ...name, partition_name: "winter" }));
      await fill(client, { ...specNamed("goes_parts"), steps: [...rowsOf([50, 60], "winter"), { kind: "flush" }] });
    });
    expect(report).toMatchObject({ state: "complete", exitStatus: 0 });
    expect(statesOf(report)).toEqual({ stays: ["complete", 25], goes_parts: ["complete", 35] });
    const restored = reportOf(await workspace.milvusBackup(`restore ${report.backup} --suffix _again --json`));
    expect(restored).toMatchObject({ state: "complete", exitStatus: 0 });
  });
});

it("is captured anew when its segments are compacted, and removed as in hours, before they are copied: all is in it", async () => {
  const place = { database: home, collection: "goes_compacted" };
  await using job = await openJob(workspace, { source: "local", target: "disk" });
  const id = await collectionIdOf(local, place);
  let times = 0;
  const takeAway = async (): Promise<void> => {
    times += 1;
    if (times === 1) await collectNow(await compact(local, place));
  };
  const target = copyingTooLate(job.target, { root: local.root, id, takeAway });
  const report = await backUpAfter({ ...job, target }, "compacted", async () => {});
  expect(report).toMatchObject({ state: "complete", exitStatus: 0 });
  expect([statesOf(report), times > 1]).toEqual([{ stays: ["complete", 25], goes_compacted: ["complete", 60] }, true]);
});

it("a second set of a segment's logs, as a crash leaves it, is refused with 4 and what to do, which mends it", async () => {
  const place = { database: home, collection: "goes_orphans" };
  await using milvus = await connectMilvus({ address: local.address });
  const [segment] = await listSegments(milvus, place);
  const directory = join(local.root, `insert_log/${segment?.collectionId}/${segment?.partitionId}/${segment?.id}`);
  for (const field of await readdir(directory)) {
    const [log = ""] = await readdir(join(directory, field));
    await copyFile(join(directory, field, log), join(directory, field, `${BigInt(log) + 1n}`));
  }
  const { status, stdout } = await workspace.milvusBackup("run orphans");
  expect(status).toBe(4);
  expect(stdout).toContain(`Cannot take segment ${segment?.id} of "${home}.goes_orphans"`);
  expect(stdout).toContain("its logs hold 50 rows and Milvus counts 25");
  expect(stdout).toContain("give the collection an index and compact it");
  expect(await workspace.list("disk")).toContainEqual(expect.objectContaining({ state: "partial", collections: 1 }));
  await compact(local, place);
  const next = reportOf(await workspace.milvusBackup("run orphans --json"));
  expect(statesOf(next)).toEqual({ stays: ["complete", 25], goes_orphans: ["complete", 25] });
});
