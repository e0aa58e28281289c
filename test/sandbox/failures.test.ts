/** What does not go well, and what the tool then says, refuses and leaves behind. */
import { appendFile, mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { listCollections, listDatabases } from "../../src/milvus/inventory.ts";
import { listSegments } from "../../src/milvus/segments.ts";
import { filesOf } from "../support/target-records.ts";
import { copyBackup } from "../support/backup-files.ts";
import { createAll } from "../support/dataset.ts";
import { type CollectionSpec, inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";

const { local, s3 } = sandboxEnv();
/** Sources whose storage is not the one that their Milvus writes to. */
const WRONG_STORAGES = ["wrong-path", "wrong-prefix", "wrong-bucket", "bucket-of-backups", "other-milvus"];
let workspace: Workspace;
let home: string;
/** A whole backup of `shared` and `expiring`. */
let backup: string;

beforeAll(async () => {
  const bucket = {
    type: "s3",
    endpoint: s3.endpoint,
    credentials: { accessKeyId: s3.key, secretAccessKey: { env: "SANDBOX_S3_SECRET" } },
  };
  workspace = await createWorkspace(({ database }) => {
    const target = { source: "local", targets: [{ storage: "disk" }] } as const;
    return {
      sources: {
        "not-there": { address: "127.0.0.1:1", storage: "milvus-disk" },
        "wrong-path": { address: local.address, storage: "elsewhere" },
        "wrong-prefix": { address: s3.address, storage: "bucket-elsewhere" },
        "wrong-bucket": { address: s3.address, storage: "other-bucket" },
        "other-milvus": { address: s3.address, storage: "milvus-disk" },
        "bucket-of-backups": { address: s3.address, storage: "bucket-backups" },
      },
      storages: {
        elsewhere: { type: "local", path: "./elsewhere" },
        "bucket-elsewhere": { ...bucket, bucket: s3.bucket, prefix: "elsewhere" },
        "other-bucket": { ...bucket, bucket: "no-such-bucket", prefix: s3.root },
        untouched: { type: "local", path: "./untouched" },
        blocked: { type: "local", path: "./a-file/backups" },
      },
      policies: {
        whole: { ...target, select: { include: [`${database("home")}.*`] } },
        ...Object.fromEntries(
          WRONG_STORAGES.map((source) => [`of_${source}`, { source, targets: [{ storage: "untouched" }] }]),
        ),
        partly: { ...target, select: { include: [`${database("partly")}.*`] } },
      },
    };
  });
  home = workspace.database("home");
  await writeFile(join(workspace.path, "a-file"), "not a directory");
  await createAll(local.address, inDatabases(["shared", "expiring"].map(specOf), { default: home }));
  await createAll(s3.address, inDatabases([specOf("shared")], { default: home }));
  backup = reportOf(await workspace.milvusBackup("run whole --json")).backup;
}, 120_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

/** Two collections like `shared`, in a database of their own. */
function pair(database: string): readonly [CollectionSpec, CollectionSpec] {
  const spec = { ...specOf("shared"), database: workspace.database(database) };
  return [
    { ...spec, name: "stays" },
    { ...spec, name: "goes" },
  ];
}

/** Of a backup, relative to its insert_log directory: collection/partition/group/segment/field/log. */
async function insertLogs(directory: string): Promise<readonly string[]> {
  return (await readdir(directory, { recursive: true })).filter((path) => path.split("/").length === 6);
}

/** Every file below a directory of the workspace but for the records of runs; none when it is not there. */
async function filesIn(name: string): Promise<readonly string[]> {
  await mkdir(join(workspace.path, name), { recursive: true });
  return filesOf(join(workspace.path, name));
}

describe("a damaged backup", () => {
  it.each([
    { damage: "a missing object", make: (log: string) => rm(log) },
    { damage: "an extra object", make: (log: string) => writeFile(`${log}1`, "stray") },
    { damage: "a resized object", make: (log: string) => appendFile(log, "x") },
  ])("with $damage is refused with 4 before anything is made", async ({ damage, make }) => {
    const name = `damaged_${damage.replaceAll(" ", "_")}`;
    const directory = join(await copyBackup(workspace, backup, name), "binlogs/insert_log");
    const [log = ""] = await insertLogs(directory);
    await make(join(directory, log));
    const moved = workspace.database("moved");
    const result = await workspace.milvusBackup(`restore ${name} --rename ${home}.*:${moved}.*`);
    expect(result.status).toBe(4);
    expect(result.stderr).toContain(log);
    await using milvus = await connectMilvus({ address: local.address });
    expect(await listDatabases(milvus)).not.toContain(moved);
  });
});

it("a byte that is another is found when it is copied: the restore ends with 4, and nothing of the collection stays", async () => {
  const directory = join(await copyBackup(workspace, backup, "rotten"), "binlogs/insert_log");
  const [log = ""] = await insertLogs(directory);
  const file = await open(join(directory, log), "r+");
  await file.write(new Uint8Array([255]), 0, 1, 200);
  await file.close();
  const moved = workspace.database("rotten");
  const report = reportOf(await workspace.milvusBackup(`restore rotten --rename ${home}.*:${moved}.* --json`));
  expect(report).toMatchObject({ state: "partial", exitStatus: 4 });
  expect(JSON.stringify(report)).toContain(log);
  const whole = report.collections.filter(({ state }) => state === "complete").map(({ collection }) => collection.name);
  await using milvus = await connectMilvus({ address: local.address });
  expect((await listCollections(milvus, moved)).map(({ name }) => name)).toEqual(whole);
});

it("a collection that cannot be read is left out whole: the backup is partial with 3, and the others restore", async () => {
  const [stays, goes] = pair("partly");
  await createAll(local.address, [stays, goes]);
  await using milvus = await connectMilvus({ address: local.address });
  const [segment] = await listSegments(milvus, { database: goes.database, collection: goes.name });
  const stray = join(local.root, `insert_log/${segment?.collectionId}/${segment?.partitionId}/${segment?.id}/stray`);
  await writeFile(stray, "not a log");
  try {
    const result = await workspace.milvusBackup("run partly --json");
    const report = reportOf(result);
    expect({ status: result.status, state: report.state }).toEqual({ status: 3, state: "partial" });
    expect(statesOf(report)).toEqual({ stays: "complete", goes: "failed" });
    expect(JSON.stringify(report)).toContain("stray");
    const payload = await filesIn(`backups/${report.backup}/binlogs/insert_log`);
    expect(payload.filter((path) => path.startsWith(String(segment?.collectionId)))).toEqual([]);
    const chosen = `restore ${report.backup} --collections ${stays.database}.stays --suffix _back --json`;
    expect(reportOf(await workspace.milvusBackup(chosen))).toMatchObject({ state: "complete", exitStatus: 0 });
  } finally {
    await rm(stray);
  }
});

describe("a backup that cannot begin leaves nothing in the target", () => {
  it.each([
    { why: "nothing is selected", flags: "--source local --include no_such.*", status: 15, says: "Nothing to back up" },
    { why: "Milvus is not there", flags: "--source not-there", status: 14, says: "127.0.0.1:1" },
    { why: "the path is not Milvus's", flags: "--source wrong-path", status: 14, says: "localStorage.path" },
    { why: "the prefix is not Milvus's root path", flags: "--source wrong-prefix", status: 14, says: "minio.rootPath" },
    { why: "the bucket is not there", flags: "--source wrong-bucket", status: 14, says: "no-such-bucket" },
    {
      why: "the bucket has other things in it",
      flags: "--source bucket-of-backups",
      status: 14,
      says: "minio.bucketName",
    },
    { why: "the path is another Milvus's", flags: "--source other-milvus", status: 14, says: "localStorage.path" },
  ])("when $why: exit $status", async ({ flags, status, says }) => {
    const target = join(workspace.path, "untouched");
    const result = await workspace.milvusBackup(`create -n b1 ${flags} --target ${target}`);
    expect({ status: result.status, stdout: result.stdout }).toEqual({ status, stdout: "" });
    expect(result.stderr).toContain(says);
    expect(await filesIn("untouched")).toEqual([]);
  });

  it.each(WRONG_STORAGES)(
    "when a policy's source has the wrong storage, %s: run ends with 14 and names the setting",
    async (source) => {
      const { status, stdout, stderr } = await workspace.milvusBackup(`run of_${source}`);
      expect({ status, stdout }).toEqual({ status: 14, stdout: "" });
      expect(stderr).toMatch(/^hint: .*\bbucket\b/m);
      expect(await filesIn("untouched")).toEqual([]);
    },
  );

  it("when its name is taken: exit 15, and the other backup stays as it was", async () => {
    const before = await filesIn(`backups/${backup}`);
    const result = await workspace.milvusBackup(`create -n ${backup} --source local --target disk --include ${home}.*`);
    expect({ status: result.status, text: result.stdout + result.stderr }).toEqual({
      status: 15,
      text: expect.stringContaining(`There is a backup ${backup} already`),
    });
    expect(await filesIn(`backups/${backup}`)).toEqual(before);
  });

  it("when the target cannot be written", async () => {
    const result = await workspace.milvusBackup(`create -n b1 --source local --target blocked --include ${home}.*`);
    expect(result.status).toBe(1);
    expect(result.stdout + result.stderr).toContain("a part of its path is a file");
  });
});

describe("check", () => {
  it("finds nothing wrong where nothing is", async () => {
    const result = await workspace.milvusBackup("check whole --json");
    expect(result.status).toBe(0);
    const findings = JSON.parse(result.stdout) as { subject: string; check: string; status: string }[];
    expect(findings.map(({ subject, check, status }) => `${subject} ${check} ${status}`)).toEqual([
      "source local milvus ok",
      "source local storage ok",
      ...["write", "copy", "clock", "conditions"].map((check) => `target disk ${check} ok`),
    ]);
  });

  it.each(["wrong-path", "wrong-prefix"])(
    "finds that the storage of %s is not Milvus's own, and says what to set",
    async (source) => {
      const result = await workspace.milvusBackup(`check --source ${source} --target disk`);
      expect(result.status).toBe(14);
      expect(result.stdout).toContain("minio.rootPath (or localStorage.path)");
    },
  );

  it("finds a target that cannot be written, and looks at the source all the same", async () => {
    const result = await workspace.milvusBackup("check --source local --target blocked --json");
    expect(result.status).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject([
      { subject: "source local", status: "ok" },
      { subject: "source local", status: "ok" },
      { subject: "target blocked", status: "failed", message: expect.stringContaining("a part of its path is a file") },
    ]);
  });
});

describe("list and delete", () => {
  it("list --json has what it promises of every backup", async () => {
    const entry = (await workspace.list("disk")).find(({ name }) => name === backup);
    const bytes = expect.any(Number);
    const promised = { name: backup, state: "complete", bytes, collections: 2, madeBy: "milvus-backup-ts" };
    expect(entry).toMatchObject({ ...promised, startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) });
    expect(entry?.bytes).toBeGreaterThan(0);
  });

  it("delete says what would go, and with --yes removes every object of it", async () => {
    const directory = await copyBackup(workspace, backup, "doomed");
    const before = await readdir(directory, { recursive: true });
    const refused = await workspace.milvusBackup("delete doomed");
    expect(refused.status).toBe(15);
    expect(refused.stderr).toContain("--yes");
    expect(await readdir(directory, { recursive: true })).toEqual(before);
    expect((await workspace.milvusBackup("delete doomed --yes")).status).toBe(0);
    expect(await readdir(workspace.disk)).not.toContain("doomed");
    expect((await workspace.list("disk")).map(({ name }) => name)).not.toContain("doomed");
    expect((await workspace.milvusBackup("delete doomed --yes")).status).toBe(10);
  });
});

function statesOf({ collections }: Pick<ReturnType<typeof reportOf>, "collections">): Readonly<Record<string, string>> {
  return Object.fromEntries(collections.map(({ collection, state }) => [collection.name, state]));
}
