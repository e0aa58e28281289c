/** An encrypted backup of the real Milvus in the real S3: only who has an identity restores it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { makeDataKey } from "../../src/seal/age-file.ts";
import { createAll } from "../support/dataset.ts";
import { readRows } from "../support/dataset-read.ts";
import { liveRows } from "../support/dataset-rows.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { contentsOf } from "../support/storage-content.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";

const { address } = sandboxEnv().local;
let workspace: Workspace;
let database: string;

beforeAll(async () => {
  workspace = await createWorkspace();
  database = workspace.database("vault");
  await createAll(address, inDatabases([specOf("shared")], { default: database }));
}, 60_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

it("a backup that is encrypted into S3 is restored with the identity, and denied without one", async () => {
  const { identity, recipient } = await makeDataKey();
  await writeFile(join(workspace.path, "key.txt"), `${identity}\n`);
  const places = "--target bucket-backups --source local";
  const made = await workspace.milvusBackup(
    `create -n sealed ${places} --include ${database}.* --encrypt-to ${recipient} --json`,
  );
  expect(reportOf(made)).toMatchObject({ state: "complete", warnings: [expect.stringContaining("encrypted: ")] });

  const stored = await contentsOf(scopeStorage(workspace.bucket, `tests/${workspace.id}`), "sealed/");
  expect(JSON.stringify(stored)).not.toContain(database);

  const restore = `restore sealed ${places} --suffix _back --json`;
  expect((await workspace.milvusBackup(restore)).status).toBe(12);
  const restored = reportOf(await workspace.milvusBackup(`${restore} --identity key.txt`));
  expect([restored.state, restored.exitStatus], restored.summary).toEqual(["complete", 0]);
  expect(await readRows(address, { database, collection: "shared_back" })).toEqual(liveRows(specOf("shared")));
}, 60_000);
