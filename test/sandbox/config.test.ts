/** A run on a real Milvus uses the config and the policies as they were when it began. */
import { writeFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { builtinHooks, builtinObservers, builtinStorages } from "../../src/builtins.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { MANIFEST_KEY } from "../../src/format/keys.ts";
import { runPolicy } from "../../src/index.ts";
import type { BackupEvent } from "../../src/index.ts";
import { createConfigFolder, modules } from "../support/config-folder.ts";
import { createAll } from "../support/dataset.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { runCommand } from "../support/run-command.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, toDisk, type Workspace } from "../support/workspace.ts";

const { local, s3 } = sandboxEnv();
const { address } = local;
let workspace: Workspace;
/** A policy of three files: the config's defaults, what it extends, its own. */
let policy: string;

beforeAll(async () => {
  workspace = await createWorkspace((names) => ({ defaults: toDisk(`${names.database("config")}.*`) }));
  policy = join(workspace.path, "policies", "nightly.yaml");
  await mkdir(join(workspace.path, "policies", "shared"), { recursive: true });
  await writeFile(join(workspace.path, "policies/shared/base.yaml"), "targets: [{ storage: disk, prefix: base }]\n");
  await writeFile(policy, "extends: ./shared/base.yaml\nlimits: { objects: 2 }\n");
  const specs = ["shared", "empty"].map(specOf);
  await createAll(address, inDatabases(specs, { default: workspace.database("config") }));
}, 120_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

it("get --policy brings back a config that makes the same backups, on a machine that has nothing else", async () => {
  const { path: cwd, env } = workspace;
  const plugins = { storagePlugins: builtinStorages, hookPlugins: builtinHooks, observerPlugins: builtinObservers };
  const written = await loadConfig({ cwd, env, ...plugins, modules });
  const { backup } = await runPolicy({ cwd, env, policy: "nightly" });
  await using bare = await createConfigFolder({});
  const target = join(workspace.disk, "base");
  const { stdout } = await runCommand({ cwd: bare.path, env: {} }, "get", backup, "--policy", "--target", target);
  await writeFile(join(bare.path, "milvus-backup.config.yaml"), stdout);
  const read = await loadConfig({ cwd: bare.path, env, ...plugins, modules });
  expect([...read.policies.values()]).toEqual([written.policies.get("nightly")]);
  expect([...read.storages.keys(), ...read.sources.keys()]).toEqual(["milvus-disk", "disk", "local"]);
});

it("a run uses what it read when it began, whatever becomes of the files, and its manifest has their digest", async () => {
  const { path: cwd, env } = workspace;
  const plugins = { storagePlugins: builtinStorages, hookPlugins: builtinHooks, observerPlugins: builtinObservers };
  const read = await loadConfig({ cwd, env, ...plugins, modules });
  const started: string[] = [];
  const onEvent = ({ type }: BackupEvent): void => {
    if (type !== "run.started") return;
    started.push(type);
    writeFileSync(join(cwd, "milvus-backup.config.yaml"), "version: [");
    writeFileSync(policy, "source: s3\nselect: { include: [nothing] }\n");
  };
  const report = await runPolicy({ cwd, env, policy: "nightly", onEvent });
  expect([started, report.state, report.target, report.warnings]).toEqual([
    ["run.started"],
    "complete",
    "disk/base",
    [],
  ]);
  expect(report.collections.map(({ collection }) => collection.name).toSorted()).toEqual(["empty", "shared"]);
  const manifest = await readFile(join(workspace.disk, "base", report.backup, MANIFEST_KEY), "utf8");
  expect(JSON.parse(manifest)).toMatchObject({
    policy: { name: "nightly", digest: read.policies.get("nightly")?.digest },
  });
  await expect(runPolicy({ cwd, env, policy: "nightly" })).rejects.toMatchObject({ code: "invalid" });
});

it("config import makes of the Go tool's file a config that check finds right, with the source's own storage", async () => {
  const database = workspace.database("imported");
  await createAll(s3.address, inDatabases([specOf("text_keys")], { default: database }));
  const [milvus, minio] = [new URL(`http://${s3.address}`), new URL(s3.endpoint)];
  const file = {
    milvus: { address: milvus.hostname, port: milvus.port },
    minio: {
      address: minio.hostname,
      port: minio.port,
      accessKeyID: s3.key,
      bucketName: s3.bucket,
      rootPath: s3.root,
      backupRootPath: `tests/${workspace.id}`,
    },
  };
  await using folder = await createConfigFolder({ "backup.yaml": file });
  const place = { cwd: folder.path, env: { MINIO_SECRET_KEY: s3.secret } };
  expect(await runCommand(place, "config import", "backup.yaml", "--out", ".")).toMatchObject({ status: 0 });
  const { status, stdout, stderr } = await runCommand(place, "check", "nightly", "--json");
  const findings = JSON.parse(stdout) as readonly {
    readonly subject: string;
    readonly check: string;
    status: string;
  }[];
  expect([status, stderr]).toEqual([0, ""]);
  expect(findings.map((finding) => [finding.subject, finding.check, finding.status])).toEqual(
    expect.arrayContaining([
      ["source milvus", "milvus", "ok"],
      ["source milvus", "storage", "ok"],
      [`target backups/tests/${workspace.id}`, "write", "ok"],
    ]),
  );
});
