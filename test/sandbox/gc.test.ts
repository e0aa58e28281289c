/** Garbage collection on the real S3: a deletion that was killed, an object of nobody, and what a dead restore has left. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { deleteBackup, deleteKeys } from "../../src/catalog/delete-backup.ts";
import { DELETIONS_PREFIX } from "../../src/format/deletion.ts";
import { encodeRestoreRecord } from "../../src/format/restore-record.ts";
import { bytesBody, readBytes } from "../../src/io/body.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { createAll } from "../support/dataset.ts";
import { readRows } from "../support/dataset-read.ts";
import { liveRows } from "../support/dataset-rows.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { failingStorage, killedAfter } from "../support/failing-storage.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { keysOf, writeAll } from "../support/storage-content.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";

const { address } = sandboxEnv().s3;
let workspace: Workspace;
let database: string;
/** Of a restore that nobody has made. */
let runId: string;

beforeAll(async () => {
  workspace = await createWorkspace();
  runId = `20261101_020000_${workspace.id}`;
  database = workspace.database("home");
  await createAll(address, inDatabases([specOf("shared")], { default: database }));
}, 60_000);

afterAll(async () => {
  await deleteKeys(workspace.bucket, await keysOf(workspace.bucket, `restore_temp_${runId}`));
  await workspace[Symbol.asyncDispose]();
}, 60_000);

it("gc finishes the deletion, deletes in its second pass what is nobody's, and the backup that stays restores", async () => {
  const create = `create -n second --source s3 --include ${database}.* --target bucket-backups`;
  expect((await workspace.milvusBackup(create)).status).toBe(0);
  const target = scopeStorage(workspace.bucket, `tests/${workspace.id}`);
  for (const key of await keysOf(target, "second/")) {
    await target.write(key.replace("second/", "first/"), bytesBody(await readBytes((await target.read(key)).body)));
  }
  await expect(deleteBackup(failingStorage(target, killedAfter(5)), "first")).rejects.toThrow("killed");
  const stray = "second/binlogs/delta_log/1/2/3/3/4";
  const record = {
    formatVersion: 1,
    runId,
    backup: "second",
    startedAt: "2026-11-01T02:00:00.000Z",
    asked: "x",
  } as const;
  await writeAll(target, {
    [stray]: "deletes",
    [`.milvus-backup/runs/${runId}/restore.json`]: encodeRestoreRecord({ ...record, address }),
  });
  await writeAll(workspace.bucket, { [`restore_temp_${runId}/1/x`]: "rows", [`restore_temp_${runId}x/1/x`]: "rows" });
  const gc = "gc bucket-backups --yes --min-age 0s --json";
  const noted = reportOf(await workspace.milvusBackup(gc));
  expect(noted).toMatchObject({ exitStatus: 0, garbage: { unfinished: ["first"], deleted: { objects: 0 } } });
  expect(await keysOf(target, "first/")).toEqual([]);
  const done = reportOf(await workspace.milvusBackup(gc));
  expect(done).toMatchObject({ exitStatus: 0, garbage: { deleted: { objects: 2 }, left: [] } });
  expect(await keysOf(target, stray)).toEqual([]);
  expect(await keysOf(workspace.bucket, `restore_temp_${runId}`)).toEqual([`restore_temp_${runId}x/1/x`]);
  expect(await keysOf(target, DELETIONS_PREFIX)).toHaveLength(3);
  const restored = reportOf(
    await workspace.milvusBackup("restore second --source s3 --target bucket-backups --suffix _back --json"),
  );
  expect(restored.state).toBe("complete");
  expect(await readRows(address, { database, collection: "shared_back" })).toEqual(liveRows(specOf("shared")));
}, 60_000);
