/** 200 partitions with rows in each: before 2.4 Milvus imports them one after another, two seconds each. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAll } from "../support/dataset.ts";
import { filledPartitions } from "../support/fidelity-specs.ts";
import { describeRaw } from "../support/raw-describe.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";
import { readWritten, writtenTo } from "../support/written-on-disk.ts";

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
  expect(await readWritten(away, filledPartitions)).toEqual(writtenTo(filledPartitions));
});
