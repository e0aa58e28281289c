/** The main job in a minute, on Node and on Deno: back up, look, restore, compare every field of every row. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAll } from "../support/dataset.ts";
import { readRows } from "../support/dataset-read.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

/** Every type; deletes with re-inserts, a dynamic field and text keys; no row at all. */
const NAMES = ["all_types", "text_keys", "empty"];
const { local } = sandboxEnv();
let workspace: Workspace;
let database: string;

beforeAll(async () => {
  workspace = await createWorkspace((names) => ({
    policies: {
      nightly: toDisk(`${names.database("smoke")}.*`),
    },
  }));
  database = workspace.database("smoke");
  await createAll(local.address, inDatabases(NAMES.map(specOf), { default: database }));
});

afterAll(() => workspace[Symbol.asyncDispose]());

it("run, list, get and restore bring every field of every row back under another name", async () => {
  const run = reportOf(await workspace.milvusBackup("run nightly --json"));
  expect(run).toMatchObject({ state: "complete", exitStatus: 0, errors: [] });

  const [listed] = await workspace.list("disk");
  expect(listed).toMatchObject({ name: run.backup, state: "complete", collections: 3, madeBy: "milvus-backup-ts" });

  const shown = JSON.parse((await workspace.milvusBackup(`get ${run.backup} --json`)).stdout);
  expect(
    shown.collections.map(({ collection_name }: { collection_name: string }) => collection_name).toSorted(),
  ).toEqual(NAMES.toSorted());

  const restore = await workspace.milvusBackup(`restore ${run.backup} --suffix _back --json`);
  expect(restore.status).toBe(0);
  const counts = reportOf(restore).collections.map(({ restoredTo, rows, rowsFound }) => [
    restoredTo?.name,
    rows,
    rowsFound,
  ]);
  expect(Object.fromEntries(counts.map(([name, ...rows]) => [name, rows]))).toEqual({
    all_types_back: [300, 300],
    text_keys_back: [140, 140],
    empty_back: [0, 0],
  });
  const differences = NAMES.map(async (collection) => {
    const rows = await readRows(local.address, { database, collection });
    expect(await readRows(local.address, { database, collection: `${collection}_back` })).toEqual(rows);
  });
  await Promise.all(differences);
});
