/** Backups that two releases of the Go tool made are listed, shown and restored like our own. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readRows } from "../support/dataset-read.ts";
import { GOLDEN_RELEASES, goldenDirectory, type GoldenRelease } from "../support/golden.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { keysOf } from "../support/storage-content.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";

/** Live rows: of 2,000 books 150 were deleted. */
const ROWS = {
  "default.book": 1_850,
  "default.users": 1_000,
  "default.auto": 1_000,
  "default.empty": 0,
  "db1.book": 100,
} as const;

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace();
});

afterAll(() => workspace[Symbol.asyncDispose](), 120_000);

/** The target that the backup `golden` of a release lies in. */
function targetOf(release: GoldenRelease): string {
  return fileURLToPath(new URL("..", goldenDirectory(release)));
}

it.each(GOLDEN_RELEASES)("list and get show what the Go tool %s made", async (release) => {
  const listed = await workspace.milvusBackup(`list --target ${targetOf(release)} --json`);
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { name: "golden", state: "complete", madeBy: "go", collections: 5, bytes: expect.any(Number) },
  ]);
  const shown = await workspace.milvusBackup(`get golden --target ${targetOf(release)} --json`);
  const { collections } = JSON.parse(shown.stdout) as {
    collections: { db_name: string; collection_name: string }[];
  };
  const names = collections.map(({ db_name, collection_name }) => `${db_name}.${collection_name}`);
  expect(names.toSorted()).toEqual(Object.keys(ROWS).toSorted());
});

it.concurrent.each([
  { release: "v0.4.15", into: "local" },
  { release: "v0.5.16", into: "s3" },
] as const)(
  "restore brings the rows of Go $release back into $into, and leaves nothing else",
  async ({ release, into }) => {
    const suffix = `_${release.replaceAll(".", "_")}`;
    const databases = { default: workspace.database(`default_${into}`), db1: workspace.database(`db1_${into}`) };
    const renames = `default.*:${databases.default}.*,db1.*:${databases.db1}.*`;
    const result = await workspace.milvusBackup(
      `restore golden --target ${targetOf(release)} --source ${into} --suffix ${suffix} --rename ${renames} --json`,
    );
    const { collections, errors, runId } = reportOf(result);
    expect({ status: result.status, errors }).toEqual({ status: 0, errors: [] });
    const counted = collections.map(({ collection: { database, name }, ...outcome }) => [
      `${database}.${name}`,
      outcome,
    ]);
    expect(Object.fromEntries(counted)).toMatchObject(
      Object.fromEntries(
        Object.entries(ROWS).map(([name, rows]) => [name, { state: "complete", rows, rowsFound: rows }]),
      ),
    );
    const book = { database: databases.default, collection: `book${suffix}` };
    const rows = await readRows(into === "local" ? sandboxEnv().local.address : sandboxEnv().s3.address, book);
    expect(rows.size).toBe(ROWS["default.book"]);
    expect(await keysOf(workspace.bucket, `restore_temp_${runId}/`)).toEqual([]);
  },
);
