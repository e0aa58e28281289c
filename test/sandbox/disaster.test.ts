/** Only the bucket is left, and a machine with nothing on it: what is there is found and comes back, whoever may write. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cliWords } from "../support/cli-words.ts";
import { createAll } from "../support/dataset.ts";
import { readRows } from "../support/dataset-read.ts";
import { liveRows } from "../support/dataset-rows.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import type { CommandResult } from "../support/run-command.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";

const { address, endpoint, bucket, key, secret } = sandboxEnv().s3;
const client = new S3({
  endpoint,
  region: "us-east-1",
  forcePathStyle: true,
  credentials: { accessKeyId: key, secretAccessKey: secret },
});
/** A bucket with object lock. */
const LOCKED = `locked-${randomUUID()}`;
let workspace: Workspace;
let database: string;
let backup: string;
/** A home without a file. */
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "milvus-backup-bare-"));
  workspace = await createWorkspace(({ database: named }) => ({
    storages: {
      locked: {
        type: "s3",
        endpoint,
        bucket: LOCKED,
        prefix: "milvus",
        credentials: { accessKeyId: key, secretAccessKey: { env: "SANDBOX_S3_SECRET" } },
      },
    },
    policies: {
      nightly: {
        source: "s3",
        targets: [{ storage: "bucket-backups" }],
        select: { include: [`${named("home")}.*`] },
      },
    },
  }));
  database = workspace.database("home");
  await createAll(address, inDatabases([specOf("shared")], { default: database }));
  const report = reportOf(await workspace.milvusBackup("run nightly --json"));
  expect(report.exitStatus).toBe(0);
  backup = report.backup;
}, 120_000);

afterAll(async () => {
  client.destroy();
  await rm(home, { recursive: true });
  await workspace[Symbol.asyncDispose]();
}, 60_000);

/** As a process of its own in the empty home, with these credentials and nothing else in its environment. */
async function onBareMachine(accessKeyId: string, commandLine: string): Promise<CommandResult> {
  const [program = "", ...tool] = cliWords();
  const { PATH = "" } = process.env;
  const child = spawn(program, [...tool, ...commandLine.split(" ")], {
    cwd: home,
    env: { PATH, HOME: home, TMPDIR: tmpdir(), AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secret },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? -1));
  });
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
}

const placeOf = (name: string, prefix: string): string => `s3://${name}/${prefix}?endpoint=${endpoint}`;

it("who may only read the bucket lists, verifies and restores from it, with no more than two places, and gets its policy", async () => {
  const reader = `${key}-reader`;
  const target = `--target ${placeOf(bucket, `tests/${workspace.id}`)}`;
  const listed = await onBareMachine(reader, `list ${target} --json`);
  expect(JSON.parse(listed.stdout), listed.stderr).toMatchObject([{ name: backup, state: "complete" }]);
  const policy = await onBareMachine(reader, `get ${backup} ${target} --policy`);
  expect([policy.status, policy.stdout]).toEqual([0, expect.stringContaining(`${database}.*`)]);
  const verified = await onBareMachine(reader, `verify ${backup} ${target}`);
  expect([verified.status, verified.stderr], verified.stdout).toEqual([
    0,
    expect.stringContaining("cannot be written: the backup is checked without a lock"),
  ]);
  const restored = await onBareMachine(reader, `restore ${backup} ${target} --source ${address} --suffix _read`);
  expect([restored.status, restored.stdout], restored.stderr).toEqual([
    0,
    expect.stringContaining("is taken to use the bucket of"),
  ]);
  expect(restored.stderr).toContain("cannot be written: the backup is restored without a lock");
  expect(await readRows(address, { database, collection: "shared_read" })).toEqual(liveRows(specOf("shared")));
  expect(await readdir(home)).toEqual([]);
}, 120_000);

it("objects under a retention lock are listed, verified and restored; what is deleted there is hidden", async () => {
  await client.createBucket({ Bucket: LOCKED, ObjectLockEnabledForBucket: true });
  try {
    expect((await workspace.milvusBackup(`copy ${backup} --to locked`)).status).toBe(0);
    const locked = await lockAll();
    const target = "--target locked --json";
    const listed = await workspace.milvusBackup(`list ${target}`);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: backup, state: "complete" }]);
    expect(reportOf(await workspace.milvusBackup(`verify ${backup} ${target}`)).exitStatus).toBe(0);
    const restored = reportOf(await workspace.milvusBackup(`restore ${backup} ${target} --source s3 --suffix _locked`));
    expect([restored.state, restored.exitStatus], restored.summary).toEqual(["complete", 0]);
    const rows = await readRows(address, { database, collection: "shared_locked" });
    expect(rows).toEqual(liveRows(specOf("shared")));
    const deleted = await workspace.milvusBackup(`delete ${backup} --yes ${target}`);
    expect([deleted.status, deleted.stdout]).toEqual([0, expect.stringContaining("locked/milvus keeps old versions")]);
    const { Versions: kept = [] } = await client.listObjectVersions({ Bucket: LOCKED, Prefix: `milvus/${backup}/` });
    expect(new Set(kept.map(({ Key }) => Key)).size).toBe(locked); // hidden, and not lost
  } finally {
    await removeLocked();
  }
}, 120_000);

/** For a day, each object of the backup; gives back how many they are. */
async function lockAll(): Promise<number> {
  const RetainUntilDate = new Date(Date.now() + 86_400_000);
  const { Contents = [] } = await client.listObjectsV2({ Bucket: LOCKED, Prefix: `milvus/${backup}/` });
  for (const { Key } of Contents) {
    await client.putObjectRetention({ Bucket: LOCKED, Key, Retention: { Mode: "GOVERNANCE", RetainUntilDate } });
  }
  return Contents.length;
}

async function removeLocked(): Promise<void> {
  const { Versions = [], DeleteMarkers = [] } = await client.listObjectVersions({ Bucket: LOCKED });
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
    await client.deleteObject({ Bucket: LOCKED, Key, VersionId, BypassGovernanceRetention: true });
  }
  await client.deleteBucket({ Bucket: LOCKED });
}
