/** One policy with several targets on the real Milvus and the real S3: every one of them has the backup, and restores it. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
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
  workspace = await createWorkspace((names) => {
    const policy = { source: "local", select: { include: [`${names.database("home")}.shared`] } };
    const bucket = { storage: "bucket-backups" };
    return {
      policies: {
        both: { ...policy, targets: [{ storage: "disk" }, bucket, { ...bucket, prefix: "copies" }] },
        bucket: {
          ...policy,
          targets: [
            { ...bucket, prefix: "first" },
            { ...bucket, prefix: "second" },
          ],
        },
      },
    };
  });
  database = workspace.database("home");
  await createAll(address, inDatabases([specOf("shared")], { default: database }));
}, 60_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

it("a backup on disk is copied to S3, byte for byte, and restored from there when the disk is gone", async () => {
  const report = reportOf(await workspace.milvusBackup("run both --json"));
  const { backup, targets = [] } = report;
  const [{ objects, bytes } = { objects: 0, bytes: 0 }] = targets;
  const prefix = `tests/${workspace.id}`;
  expect([report.exitStatus, objects > 0, targets]).toEqual([
    0,
    true,
    ["disk", `bucket-backups/${prefix}`, `bucket-backups/${prefix}/copies`].map((name) => ({
      name,
      state: "complete",
      objects,
      bytes,
    })),
  ]);
  await using disk = await openLocal(workspace.disk, false);
  const expected = await contentsOf(disk, `${backup}/`);
  expect(await contentsOf(scopeStorage(workspace.bucket, prefix), `${backup}/`)).toEqual(expected);
  expect(await contentsOf(scopeStorage(workspace.bucket, `${prefix}/copies`), `${backup}/`)).toEqual(expected);

  await rm(join(workspace.disk, backup), { recursive: true });
  const restored = reportOf(await workspace.milvusBackup(`restore ${backup} --suffix _back --json`));
  expect([restored.state, restored.target]).toEqual(["complete", `bucket-backups/${prefix}`]);
  expect(await readRows(address, { database, collection: "shared_back" })).toEqual(liveRows(specOf("shared")));
}, 60_000);

it("a backup is copied from one prefix of a bucket to another, which the service does not refuse to do by itself", async () => {
  const { status, stdout } = await workspace.milvusBackup("run bucket --json");
  const { backup, warnings } = reportOf({ status, stdout, stderr: "" });
  expect([status, warnings, stdout.includes('"type":"notice"')]).toEqual([0, [], false]);
  const first = scopeStorage(workspace.bucket, `tests/${workspace.id}/first`);
  const second = scopeStorage(workspace.bucket, `tests/${workspace.id}/second`);
  expect(await contentsOf(second, `${backup}/`)).toEqual(await contentsOf(first, `${backup}/`));
});
