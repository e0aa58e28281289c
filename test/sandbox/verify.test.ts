/** verify and drill of real backups: every level on the real Milvus, damage and repair on the real S3. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { bytesBody, readBytes } from "../../src/io/body.ts";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { listDatabases } from "../../src/milvus/inventory.ts";
import { createAll } from "../support/dataset.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { keysOf } from "../support/storage-content.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";

const { address } = sandboxEnv().local;
let workspace: Workspace;
let backup: string;

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => ({
    policies: {
      both: {
        source: "local",
        targets: [{ storage: "disk" }, { storage: "bucket-backups" }],
        select: { include: [`${database("home")}.*`] },
      },
    },
  }));
  await createAll(address, inDatabases([specOf("all_types")], { default: workspace.database("home") }));
  const report = reportOf(await workspace.milvusBackup("run both --json"));
  expect(report.exitStatus).toBe(0);
  backup = report.backup;
}, 120_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

it.each(["metadata", "objects", "checksum", "spot"])("verify --level %s passes in both targets", async (level) => {
  const { exitStatus, checks } = reportOf(await workspace.milvusBackup(`verify ${backup} --level ${level} --json`));
  expect([exitStatus, checks?.map(({ damage }) => damage)]).toEqual([0, [[], []]]);
});

it("drill restores, compares rows and searches, and leaves no database behind", async () => {
  await using milvus = await connectMilvus({ address });
  const report = reportOf(await workspace.milvusBackup(`drill ${backup} --into local --json`));
  expect(report.checks?.map(({ damage }) => damage)).toEqual([[]]);
  expect(report).toMatchObject({ exitStatus: 0, checks: [{ level: "restore", target: "disk" }] });
  expect(report.checks?.[0]?.notes.join()).toMatch(/300 rows counted, .* compared field by field, recall of vector/);
  const home = workspace.database("home"); // a drill's databases are named after those of the backup
  expect((await listDatabases(milvus)).filter((name) => name.startsWith(home))).toEqual([home]);
  expect((await workspace.list("disk"))[0]?.verified?.level).toBe("restore");
}, 120_000);

it("a flipped byte on S3 is named, healed from the disk by the next run, and verified then", async () => {
  const keys = await keysOf(workspace.bucket, `tests/${workspace.id}/${backup}/binlogs/insert_log/`);
  const key = keys[5] ?? "";
  const bytes = await readBytes((await workspace.bucket.read(key)).body);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await workspace.bucket.write(key, bytesBody(bytes));
  const verify = `verify ${backup} --target bucket-backups --json`;
  const damaged = reportOf(await workspace.milvusBackup(verify));
  expect([damaged.exitStatus, damaged.checks?.[0]?.damage.map((one) => one.key)]).toEqual([
    4,
    [key.slice(key.indexOf("binlogs/"))],
  ]);
  const healed = reportOf(await workspace.milvusBackup("run both --json"));
  expect([healed.exitStatus, healed.checks]).toMatchObject([0, [{ backup, damage: [{ healedFrom: "disk" }] }]]);
  expect(reportOf(await workspace.milvusBackup(verify)).checks).toMatchObject([{ verdict: "ok", damageFound: 0 }]);
});

it("meta files and a list of objects that S3 has lost are written anew from the disk", async () => {
  const root = `tests/${workspace.id}/${backup}/meta/`;
  const [list = ""] = await keysOf(workspace.bucket, `${root}objects/`);
  const segments = `${root}segment_meta.json`;
  const before = await Promise.all(
    [list, segments].map(async (key) => readBytes((await workspace.bucket.read(key)).body)),
  );
  await workspace.bucket.delete([list]);
  await workspace.bucket.write(segments, bytesBody(new Uint8Array(before[1] ?? []).slice(0, 100)));
  const verify = `verify ${backup} --target bucket-backups --level objects --json`;
  expect((await workspace.milvusBackup(verify)).status).toBe(4);
  const healed = reportOf(await workspace.milvusBackup(`${verify} --repair`));
  expect([healed.exitStatus, new Set(healed.checks?.[0]?.damage.map(({ healedFrom }) => healedFrom))]).toEqual([
    0,
    new Set(["disk"]),
  ]);
  const after = await Promise.all(
    [list, segments].map(async (key) => readBytes((await workspace.bucket.read(key)).body)),
  );
  expect(after).toEqual(before);
});
