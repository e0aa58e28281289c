/** Garbage collection on the real S3 and Milvus: a deletion that was killed, an object of nobody, what the dead have left. */
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deleteBackup, deleteKeys } from "../../src/catalog/delete-backup.ts";
import { writeIntent } from "../../src/catalog/intents.ts";
import { DELETIONS_PREFIX } from "../../src/format/deletion.ts";
import { encodeRestoreRecord } from "../../src/format/restore-record.ts";
import { bytesBody, readBytes } from "../../src/io/body.ts";
import type { Storage, UnfinishedWrite } from "../../src/plugin.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { createAll } from "../support/dataset.ts";
import { succeed, withClient } from "../support/dataset-client.ts";
import { readRows } from "../support/dataset-read.ts";
import { liveRows } from "../support/dataset-rows.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { failingStorage, killedAfter } from "../support/failing-storage.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { keysOf, writeAll } from "../support/storage-content.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";

const { address, ...service } = sandboxEnv().s3;
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
  for (const write of await begun()) await workspace.bucket.abandon?.(write);
  await deleteKeys(workspace.bucket, await keysOf(workspace.bucket, `restore_temp_${runId}`));
  await workspace[Symbol.asyncDispose]();
}, 60_000);

/** An upload with a part in it that nobody ends, as of a process that was killed. */
async function beginUpload(key: string): Promise<void> {
  const { endpoint, key: accessKeyId, secret: secretAccessKey, bucket: Bucket } = service;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  const place = { Bucket, Key: `tests/${workspace.id}/${key}` };
  const { UploadId } = await client.createMultipartUpload(place);
  await client.uploadPart({ ...place, UploadId, PartNumber: 1, Body: "rows" });
  client.destroy();
}

async function begun(): Promise<readonly UnfinishedWrite[]> {
  return (await workspace.bucket.unfinished?.(`tests/${workspace.id}/`)) ?? [];
}

/** The directories that they are in. */
async function uploads(): Promise<readonly string[]> {
  return (await begun()).map(({ key }) => key.split("/")[2] ?? "");
}

/** Of a drill that was killed: its database, and the intent that names it. */
async function leaveDrill(target: Storage): Promise<string> {
  const left = `drill_${runId}`;
  await withClient(address, "default", (client) => succeed(client.createDatabase({ db_name: left })));
  await writeIntent(target, { kind: "drill", runId, address, databases: [left] });
  return left;
}

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
  for (const name of ["first", "second", "not_ours"]) await beginUpload(`${name}/binlogs/insert_log/1/2/3/3/4`);
  const drill = await leaveDrill(target);
  const gc = "gc bucket-backups --yes --min-age 0s --json";
  const noted = reportOf(await workspace.milvusBackup(gc));
  expect(noted).toMatchObject({ exitStatus: 0, garbage: { unfinished: ["first"], deleted: { objects: 0 } } });
  expect([await keysOf(target, "first/"), (await uploads()).toSorted()]).toEqual([[], ["not_ours", "second"]]);
  const done = reportOf(await workspace.milvusBackup(gc));
  expect(done).toMatchObject({ exitStatus: 0, garbage: { deleted: { objects: 4 }, left: [] } });
  const { db_names: databases } = await withClient(address, "default", (client) => succeed(client.listDatabases()));
  expect([await uploads(), databases.includes(drill)]).toEqual([["not_ours"], false]);
  expect(await keysOf(target, stray)).toEqual([]);
  expect(await keysOf(workspace.bucket, `restore_temp_${runId}`)).toEqual([`restore_temp_${runId}x/1/x`]);
  expect(await keysOf(target, DELETIONS_PREFIX)).toHaveLength(5);
  const restored = reportOf(
    await workspace.milvusBackup("restore second --source s3 --target bucket-backups --suffix _back --json"),
  );
  expect(restored.state).toBe("complete");
  expect(await readRows(address, { database, collection: "shared_back" })).toEqual(liveRows(specOf("shared")));
}, 120_000);
