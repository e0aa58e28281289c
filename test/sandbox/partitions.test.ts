/** A policy that takes some partitions of a collection only, on the real Milvus: what is restored, and what is said of it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { listPartitions } from "../../src/milvus/inventory.ts";
import { partitionRowCount } from "../../src/milvus/rows.ts";
import { createAll } from "../support/dataset.ts";
import { readRows } from "../support/dataset-read.ts";
import { liveRows } from "../support/dataset-rows.ts";
import type { CollectionSpec } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

const { address } = sandboxEnv().local;
let workspace: Workspace;
let home: string;
/** Three partitions with rows, deletes in two of them. */
let orders: CollectionSpec;
/** The same with the rows of the two partitions that are taken. */
let taken: CollectionSpec;

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => {
    const policy = toDisk(`${database("home")}.orders`);
    const partitions = { "*.orders": ["p2024*", "_default"] };
    return { policies: { part: { ...policy, select: { ...policy.select, partitions } } } };
  });
  home = workspace.database("home");
  const kept: CollectionSpec["steps"] = [
    { kind: "insert", rows: [0, 20] },
    { kind: "insert", rows: [20, 50], partition: "p2024_01" },
    { kind: "delete", rows: [25, 30], partition: "p2024_01" },
  ];
  const others: CollectionSpec["steps"] = [
    { kind: "insert", rows: [50, 90], partition: "p2023" },
    { kind: "delete", rows: [60, 65], partition: "p2023" },
    { kind: "flush" },
  ];
  const base = { ...specOf("shared"), database: home, name: "orders", partitions: ["p2023", "p2024_01"] };
  orders = { ...base, steps: [...kept, ...others] };
  taken = { ...base, name: "orders_back", steps: kept };
  await createAll(address, [orders]);
}, 120_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

it("a backup of two of three partitions restores to these and their rows, and says that it is a part", async () => {
  const report = reportOf(await workspace.milvusBackup("run part --json"));
  const note = "only 2 of its 3 partitions are in the backup: _default, p2024_01";
  expect(report).toMatchObject({ state: "complete", exitStatus: 0, collections: [{ rows: 50, notes: [note] }] });
  expect(await workspace.list("disk")).toEqual([expect.objectContaining({ state: "complete", inPart: 1 })]);
  const { stdout: shown } = await workspace.milvusBackup(`get ${report.backup} --rows`);
  expect(shown).toContain(`${home}.orders has only the partitions _default, p2024_01`);
  expect(shown).toMatch(/orders +50 +5 +45 +2 of 3 /);
  const restored = reportOf(await workspace.milvusBackup(`restore ${report.backup} --suffix _back --json`));
  expect(restored).toMatchObject({ state: "complete", collections: [{ rows: 45, rowsFound: 45 }] });
  await using milvus = await connectMilvus({ address });
  const place = { database: home, collection: "orders_back" };
  const names = (await listPartitions(milvus, place)).map(({ name }) => name).toSorted();
  const counts = await Promise.all(names.map((partition) => partitionRowCount(milvus, { ...place, partition })));
  expect([names, counts]).toEqual([
    ["_default", "p2024_01"],
    [20n, 25n],
  ]);
  expect(await readRows(address, place)).toEqual(liveRows(taken));
});

it("a restore does not put a part in the place of the whole", async () => {
  const [entry] = await workspace.list("disk");
  const { status, stderr } = await workspace.milvusBackup(`restore ${entry?.name} --on-conflict replace`);
  expect([status, stderr]).toEqual([15, expect.stringContaining(`Cannot replace ${home}.orders`)]);
});
