/** Retention on the real Milvus, on disk and on S3: the older backup goes, on record, and the newer one comes back. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { DELETIONS_PREFIX } from "../../src/format/deletion.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { createAll } from "../support/dataset.ts";
import { readRows } from "../support/dataset-read.ts";
import { liveRows } from "../support/dataset-rows.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { keysOf, readText } from "../support/storage-content.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";

const { address } = sandboxEnv().local;
let workspace: Workspace;
let database: string;

beforeAll(async () => {
  workspace = await createWorkspace((names) => ({
    policies: {
      kept: {
        source: "local",
        select: { include: [`${names.database("home")}.shared`] },
        targets: [{ storage: "bucket-backups", prefix: "kept" }],
        retention: { keep: { last: 1 } },
      },
    },
  }));
  database = workspace.database("home");
  await createAll(address, inDatabases([specOf("shared")], { default: database }));
}, 60_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

it("run deletes the backup that retention does not keep, on record, and the newer one restores", async () => {
  const first = reportOf(await workspace.milvusBackup("run kept --json"));
  const second = reportOf(await workspace.milvusBackup("run kept --json"));
  expect([first.exitStatus, first.prunes?.[0]?.deleted]).toEqual([0, []]);
  expect([second.exitStatus, second.prunes?.[0]?.deleted]).toEqual([0, [first.backup]]);
  const target = scopeStorage(workspace.bucket, `tests/${workspace.id}/kept`);
  expect(await keysOf(target, `${first.backup}/`)).toEqual([]);
  const [record = ""] = await keysOf(target, DELETIONS_PREFIX);
  expect(JSON.parse(await readText(target, record))).toMatchObject({
    backup: first.backup,
    policy: "kept",
    runId: second.runId,
    why: "no rule keeps it",
  });
  const restored = reportOf(await workspace.milvusBackup(`restore ${second.backup} --suffix _back --json`));
  expect(restored.state).toBe("complete");
  expect(await readRows(address, { database, collection: "shared_back" })).toEqual(liveRows(specOf("shared")));
}, 60_000);
