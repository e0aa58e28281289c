/** Targets that are full or cannot be written, a real disk and a real S3: what the tool says, and that nothing is lost. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { BackupEntry } from "../../src/catalog/entry.ts";
import { createAll } from "../support/dataset.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { type S3Proxy, startS3Proxy } from "../support/s3-proxy.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { createWorkspace, type Workspace } from "../support/workspace.ts";

const { local, s3 } = sandboxEnv();
/** Room for the manifest and the first objects of a collection, not for all of them. */
const LITTLE = 64 * 1024;

let workspace: Workspace;
let disk: SmallDisk;
let proxy: S3Proxy;
let isFull = false;
/** Where the disk is mounted. */
let small: string;
let from: { readonly local: string; readonly s3: string };

beforeAll(async () => {
  proxy = await startS3Proxy(s3.endpoint, ({ method, path }) =>
    isFull && method === "PUT" && path.includes("/binlogs/") ? { status: 507, code: "XMinioStorageFull" } : undefined,
  );
  const prefix = `full_disk_${Date.now()}`;
  const bucket = (endpoint: string, accessKeyId: string) => ({
    type: "s3",
    endpoint,
    bucket: s3.bucket,
    prefix,
    credentials: { accessKeyId, secretAccessKey: { env: "SANDBOX_S3_SECRET" } },
  });
  workspace = await createWorkspace(() => ({
    storages: {
      small: { type: "local", path: "./small" },
      "full-bucket": bucket(proxy.endpoint, s3.key),
      "read-bucket": bucket(s3.endpoint, `${s3.key}-reader`),
    },
  }));
  small = join(workspace.path, "small");
  disk = await mountSmallDisk(small);
  const home = workspace.database("home");
  const include = `--include ${home}.*`;
  from = { local: `--source local ${include}`, s3: `--source s3 ${include}` };
  await createAll(local.address, inDatabases([specOf("all_types")], { default: home }));
  await createAll(s3.address, inDatabases([specOf("shared")], { default: home }));
}, 60_000);

afterEach(async () => {
  vi.unstubAllEnvs();
  await disk.setWritable(true);
  await disk.free();
});

afterAll(async () => {
  for (const { name } of await list("full-bucket")) {
    await workspace.milvusBackup(`delete ${name} --target full-bucket --yes`);
  }
  await disk[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
}, 60_000);

async function list(target: string): Promise<readonly BackupEntry[]> {
  const { status, stdout } = await workspace.milvusBackup(`list --target ${target} --json`);
  expect(status).toBe(0);
  return JSON.parse(stdout) as BackupEntry[];
}

async function statesIn(target: string): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await list(target)).map(({ name, state }) => [name, state]));
}

/** Runs a command, and gives its exit status with all that it says. */
async function say(commandLine: string): Promise<readonly [number, string]> {
  const { status, stdout, stderr } = await workspace.milvusBackup(commandLine);
  return [status, `${stdout}\n${stderr}`];
}

describe("a disk", () => {
  it("that gets full under the copy: the backup failed with 1, and goes on when there is room; so is the next one complete", async () => {
    await disk.fill(LITTLE);
    const [status, text] = await say(`create -n full_1 ${from.local} --target small`);
    expect(status).toBe(1);
    expect(text).toContain(`to ${small}: the disk is full`);
    expect(text).toContain(`hint: free space on the disk that holds ${small}`);
    expect(await statesIn("small")).toEqual({ full_1: "interrupted" });
    await disk.free();
    expect((await say(`create -n full_2 ${from.local} --target small`))[0]).toBe(0);
    expect(await statesIn("small")).toEqual({ full_1: "interrupted", full_2: "complete" });
    expect((await say(`create -n full_1 ${from.local} --target small --resume`))[0]).toBe(0);
    expect(await statesIn("small")).toEqual({ full_1: "complete", full_2: "complete" });
  });

  it("that is full from the start: 1, and there is no backup", async () => {
    const before = await statesIn("small");
    await disk.fill(0);
    const [status, text] = await say(`create -n full_3 ${from.local} --target small`);
    expect([status, text]).toEqual([1, expect.stringContaining(`in ${small}: the disk is full`)]);
    expect(await statesIn("small")).toEqual(before);
  });

  it("that is full to the last byte: a backup there can be deleted, on record, and so can what another left", async () => {
    expect((await say(`create -n doomed ${from.local} --target small`))[0]).toBe(0);
    await disk.fill(0);
    const [status, text] = await say("delete doomed --target small --yes");
    expect([status, text]).toEqual([0, expect.stringContaining("doomed is deleted")]);
    expect(Object.keys(await statesIn("small"))).not.toContain("doomed");
    const records = await readdir(join(small, ".milvus-backup/history/deletions"));
    expect(records.filter((name) => name.endsWith("_doomed.json"))).toHaveLength(1);
  });

  it("that cannot be written: 12 for what writes, and what is there is listed, shown and restored", async () => {
    expect((await say(`create -n kept ${from.local} --target small`))[0]).toBe(0);
    const before = await statesIn("small");
    await disk.setWritable(false);
    for (const command of [`create -n denied ${from.local}`, "delete kept --yes", "check --source local"]) {
      const [status, text] = await say(`${command} --target small`);
      expect([command, status, text]).toEqual([command, 12, expect.stringContaining("the file system is read-only")]);
      expect(text).toContain(`mount the disk that holds ${small} so that it can be written`);
    }
    expect(await statesIn("small")).toEqual(before);
    expect((await say("get kept --target small"))[0]).toBe(0);
    expect((await say("restore kept --target small --source local --suffix _kept"))[0]).toBe(0);
  });

  it("for temporary files that is full: 1 with what to set, for a backup and for a restore", async () => {
    const backup = `--target disk`;
    expect((await say(`create -n whole ${from.local} ${backup}`))[0]).toBe(0);
    await disk.fill(0);
    vi.stubEnv("TMPDIR", small);
    for (const command of [`create -n none ${from.local}`, "restore whole --source local --suffix _none"]) {
      const [status, text] = await say(`${command} ${backup}`);
      expect([command, status, text]).toEqual([command, 1, expect.stringContaining(`directory ${small}`)]);
      expect(text).toContain("set TMPDIR");
    }
    expect(await statesIn("disk")).toEqual({ whole: "complete", none: "failed" });
  });
});

describe("a bucket", () => {
  it("that gets full under the copy: the backup failed with 1, and the next one is complete", async () => {
    isFull = true;
    const [status, text] = await say(`create -n full_1 ${from.s3} --target full-bucket`);
    expect(status).toBe(1);
    expect(text).toContain(`in bucket ${s3.bucket}: refused`);
    expect(text).toContain("hint: free space on the service, or raise the bucket's quota");
    isFull = false;
    expect(await statesIn("full-bucket")).toEqual({ full_1: "failed" });
    expect((await say(`create -n full_2 ${from.s3} --target full-bucket`))[0]).toBe(0);
    expect(await statesIn("full-bucket")).toEqual({ full_1: "failed", full_2: "complete" });
  });

  it("that may only be read: 12 for what writes, and what is there is listed and restored", async () => {
    expect((await say(`create -n kept ${from.s3} --target full-bucket`))[0]).toBe(0);
    const before = await statesIn("full-bucket");
    for (const command of [`create -n denied ${from.s3}`, "delete kept --yes", "check --source s3"]) {
      const [status, text] = await say(`${command} --target read-bucket`);
      expect([command, status, text]).toEqual([command, 12, expect.stringContaining(`in bucket ${s3.bucket}`)]);
      expect(text).toContain("check what the access key may do");
    }
    expect(await statesIn("read-bucket")).toEqual(before);
    expect((await say("restore kept --target read-bucket --source s3 --suffix _kept"))[0]).toBe(0);
  });
});
