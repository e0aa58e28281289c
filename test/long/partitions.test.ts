/** 200 partitions with rows in each: before 2.4 Milvus imports them one after another, two seconds each. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAll } from "../support/dataset.ts";
import { withClient } from "../support/dataset-client.ts";
import { rowOf } from "../support/dataset-rows.ts";
import { filledPartitions } from "../support/fidelity-specs.ts";
import { describeRaw } from "../support/raw-describe.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { readPartitionsOnDisk } from "../support/segments-on-disk.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

const { address } = sandboxEnv().local;
const collection = filledPartitions.name;
let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => ({ policies: { nightly: toDisk(`${database("home")}.*`) } }));
});

afterAll(() => workspace[Symbol.asyncDispose](), 120_000);

it("200 filled partitions come back, each with its rows", async () => {
  const [home, away] = [workspace.database("home"), workspace.database("away")];
  await createAll(address, [{ ...filledPartitions, database: home }]);
  const { backup } = reportOf(await workspace.milvusBackup("run nightly --json"));
  const report = reportOf(await workspace.milvusBackup(`restore ${backup} --rename ${home}.*:${away}.* --json`));
  expect(report).toMatchObject({ exitStatus: 0, collections: [{ rows: 1_000, rowsFound: 1_000, notes: [] }] });
  const [before, after] = [
    { database: home, collection },
    { database: away, collection },
  ];
  expect(await describeRaw(address, after)).toEqual(await describeRaw(address, before));
  const rows = await withClient(address, away, (client) =>
    readPartitionsOnDisk({ client, collection_name: collection }, FIELDS),
  );
  expect(rows).toEqual(written());
});

/** Of the disk: Milvus 2.3.5 gives up loading so many segments, which it takes one by one. */
const FIELDS = ["id", "label", "vector"].map((name, at) => ({
  id: BigInt(100 + at),
  name,
  dataType: [5, 21, 101][at] ?? 0,
}));

/** By partition, in the order in which they were inserted. */
function written(): ReadonlyMap<string, readonly object[]> {
  const inserts = filledPartitions.steps.flatMap((step) => (step.kind === "insert" ? [step] : []));
  return new Map(
    inserts.map(({ partition = "_default", rows: [from, to] }) => [
      partition,
      Array.from({ length: to - from }, (_, at) => {
        const { label, vector } = rowOf(filledPartitions, from + at);
        return { id: BigInt(from + at), label, vector: Float32Array.from(vector as readonly number[]) }; // by its spec
      }),
    ]),
  );
}
