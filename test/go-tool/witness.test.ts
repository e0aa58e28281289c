/**
 * The Go tool as a witness: it reads, restores and deletes our backups, we restore its own, and both say the same of one
 * Milvus. Run by `npm run test:go-tool`, with v0.4.15 or v0.5.16. What it stands on is tried by harness.test.ts; with a
 * real program this file itself was not run yet, since none could be built where it was written.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compareMetaFacts, readMetaFacts } from "../support/compare-metas.ts";
import { createAll } from "../support/dataset.ts";
import { readRows } from "../support/dataset-read.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { openGoTool, type GoTool } from "../support/go-tool.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

/** Without compaction, which would change what the second of two backups finds; deletes, re-inserts, partitions, no row. */
const NAMES = ["text_keys", "partitions", "rewritten", "empty"];
const { local } = sandboxEnv();
let workspace: Workspace;
let tool: GoTool;
let database: string;
let backup: string;

beforeAll(async () => {
  workspace = await createWorkspace((names) => ({
    policies: {
      nightly: toDisk(`${names.database("witness")}.*`),
    },
  }));
  database = workspace.database("witness");
  const binary = process.env["MILVUS_BACKUP_GO_BIN"] ?? "";
  tool = await openGoTool({ binary, directory: workspace.path, milvus: local, target: workspace.disk });
  await createAll(local.address, inDatabases(NAMES.map(specOf), { default: database }));
  backup = reportOf(await workspace.milvusBackup("run nightly --json")).backup;
  await tool.create("theirs", [database]);
}, 120_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

async function expectSameRows(suffix: string): Promise<void> {
  for (const collection of NAMES) {
    const rows = await readRows(local.address, { database, collection });
    expect(await readRows(local.address, { database, collection: collection + suffix })).toEqual(rows);
  }
}

it("it lists and shows our backup", async () => {
  expect((await tool.list()).split("\n").map((line) => line.trim())).toContain(backup);
  const shown = await tool.get(backup);
  for (const name of NAMES) expect(shown).toContain(`"${name}"`);
});

it("it restores our backup with every field of every row", async () => {
  await tool.restore(backup, "_go");
  await expectSameRows("_go");
});

it("we list its fresh backup, and restore it with every field of every row", async () => {
  const entry = (await workspace.list("disk")).find(({ name }) => name === "theirs");
  expect(entry).toMatchObject({ state: "complete", madeBy: "go", collections: NAMES.length });
  const restored = await workspace.milvusBackup("restore theirs --target disk --source local --suffix _ours --json");
  expect(reportOf(restored)).toMatchObject({ state: "complete", exitStatus: 0 });
  await expectSameRows("_ours");
});

it("our five meta files say key by key what its own say", async () => {
  const theirs = await readMetaFacts(join(workspace.disk, "theirs"));
  const ours = await readMetaFacts(join(workspace.disk, backup));
  expect(compareMetaFacts(theirs, ours)).toEqual([]);
});

it("it deletes our backup", async () => {
  await tool.delete(backup);
  expect(existsSync(join(workspace.disk, backup, "meta/backup_meta.json"))).toBe(false);
  expect((await workspace.list("disk")).filter(({ name, state }) => name === backup && state === "complete")).toEqual(
    [],
  );
});
