/** 100,000 rows of every type on each server: batches, pages and segments come to their ends. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAll } from "../support/dataset.ts";
import { readRows } from "../support/dataset-read.ts";
import { liveRows } from "../support/dataset-rows.ts";
import { manyRows } from "../support/fidelity-specs.ts";
import { describeRaw } from "../support/raw-describe.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";

const TARGETS = { local: "disk", s3: "bucket-backups" } as const;
const LIVE = 98_000; // 2,000 are deleted
let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => {
    const policyOf = (source: keyof typeof TARGETS) => ({
      source,
      targets: [{ storage: TARGETS[source] }],
      select: { include: [`${database(source)}.*`] },
    });
    return { policies: { local: policyOf("local"), s3: policyOf("s3") } };
  });
});

afterAll(() => workspace[Symbol.asyncDispose](), 120_000);

it.each(["local", "s3"] as const)("100,000 rows of every type come back on the %s server", async (server) => {
  const { address } = sandboxEnv()[server];
  const [home, away] = [workspace.database(server), workspace.database(`${server}_away`)];
  const collection = manyRows.name;
  await createAll(address, [{ ...manyRows, database: home }]);
  const { backup } = reportOf(await workspace.milvusBackup(`run ${server} --json`));
  const where = `--source ${server} --target ${TARGETS[server]}`;
  const restored = await workspace.milvusBackup(`restore ${backup} ${where} --rename ${home}.*:${away}.* --json`);
  expect(reportOf(restored)).toMatchObject({
    exitStatus: 0,
    collections: [{ rows: LIVE, rowsFound: LIVE, notes: [] }],
  });
  const after = { database: away, collection };
  expect(await describeRaw(address, after)).toEqual(await describeRaw(address, { database: home, collection }));
  expect(await readRows(address, after)).toEqual(liveRows(manyRows));
});
