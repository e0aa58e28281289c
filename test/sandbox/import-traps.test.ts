/**
 * Imports that do not bring what they should. Milvus 2.3 completes one of a directory that it does not find with zero rows:
 * no restore may believe it.
 */
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { listCollections } from "../../src/milvus/inventory.ts";
import type { Storage } from "../../src/plugin.ts";
import type { CollectionMeta } from "../../src/format/meta.ts";
import { copyBackup } from "../support/backup-files.ts";
import { createAll } from "../support/dataset.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { hurry, openJob, restoreAfter } from "../support/engine-job.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { keysOf } from "../support/storage-content.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

const { local } = sandboxEnv();
let workspace: Workspace;
let home: string;
let backup: string;

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => ({
    storages: {
      misread: { type: "local", path: "./backups", readableByMilvus: "/no/such/directory" },
      relative: { type: "local", path: "./backups", readableByMilvus: "backups" },
      dotted: { type: "local", path: "./backups", readableByMilvus: "/no/./such" },
    },
    policies: {
      whole: toDisk(`${database("home")}.*`),
      several: toDisk(`${database("several")}.*`),
    },
  }));
  home = workspace.database("home");
  await createAll(local.address, [{ ...specOf("shared"), database: home }]);
  backup = reportOf(await workspace.milvusBackup("run whole --json")).backup;
}, 60_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

/** Loses what was copied into it as soon as it was looked at. */
function emptiedAfterListing(storage: Storage, empty: (keys: readonly string[]) => Promise<unknown>): Storage {
  return {
    ...storage,
    async *list(prefix, options) {
      const keys: string[] = [];
      for await (const entry of storage.list(prefix, options)) {
        if (entry.kind === "object") keys.push(entry.key);
        yield entry;
      }
      await empty(keys);
    },
  };
}

it.each(["s3", "local"] as const)("files that vanish between copy and import are a difference: %s", async (source) => {
  await using job = await openJob(workspace, { source, target: "disk" });
  const { root } = job.source;
  const unlink = (keys: readonly string[]) =>
    Promise.all(keys.map((key) => rm(join(local.root, key), { force: true })));
  const emptied = emptiedAfterListing(root, source === "s3" ? (keys) => root.delete(keys) : unlink);
  const sabotaged = { ...job, source: { ...hurry(job.source), root: emptied } };
  const renames = [`${home}.*:${workspace.database(`emptied_${source}`)}.*`];
  const report = await restoreAfter(sabotaged, { backup, renames }, async () => undefined);
  expect(report).toMatchObject({
    state: "failed",
    exitStatus: 4,
    collections: [{ state: "failed", error: { code: "damaged", message: expect.stringContaining("0 rows, not 25") } }],
  });
  expect(await keysOf(root, `restore_temp_${report.runId}/`)).toEqual([]);
  await rm(join(local.root, `restore_temp_${report.runId}`), { recursive: true, force: true }); // the empty directories
});

it("a directory that Milvus does not see is a difference", async () => {
  await using job = await openJob(workspace, { source: "local", target: "misread" });
  const renames = [`${home}.*:${workspace.database("misread")}.*`];
  const report = await restoreAfter({ ...job, source: hurry(job.source) }, { backup, renames }, async () => undefined);
  expect(report).toMatchObject({ state: "failed", exitStatus: 4 });
});

it("an import that fails in the middle: its collection and its copy are gone again, the others are restored", async () => {
  const several = workspace.database("several");
  await createAll(local.address, inDatabases([specOf("partitions"), specOf("shared")], { default: several }));
  const taken = reportOf(await workspace.milvusBackup("run several --json"));
  const directory = await copyBackup(workspace, taken.backup, "without_checksums");
  for (const name of ["manifest.json", "objects"]) await rm(join(directory, "meta", name), { recursive: true });
  await spoilAnImport(directory, `${several}.partitions`);
  const away = workspace.database("middle");
  const restore = `restore without_checksums --source local --target disk --rename ${several}.*:${away}.* --json`;
  const report = reportOf(await workspace.milvusBackup(restore));
  expect(report).toMatchObject({ state: "partial", exitStatus: 3 });
  const outcomes = report.collections.map(({ collection, state, error }) => [collection.name, [state, error?.code]]);
  expect(Object.fromEntries(outcomes)).toEqual({ partitions: ["failed", "failed"], shared: ["complete", undefined] });
  expect(JSON.stringify(report)).toMatch(/Import task \d+ failed: /);
  await using milvus = await connectMilvus({ address: local.address });
  expect((await listCollections(milvus, away)).map(({ name }) => name)).toEqual(["shared"]);
  expect(await readdir(local.root)).not.toContain(`restore_temp_${report.runId}`);
});

/** Overwrites the head of the vectors of one partition: sizes and row counts stay as they were. */
async function spoilAnImport(directory: string, collection: string): Promise<void> {
  const shown = await workspace.milvusBackup(`get without_checksums --target disk --json`);
  const { collections } = JSON.parse(shown.stdout) as { readonly collections: readonly CollectionMeta[] };
  const meta = collections.find(({ db_name, collection_name }) => `${db_name}.${collection_name}` === collection);
  const autumn = meta?.partition_backups?.find(({ partition_name }) => partition_name === "autumn");
  const place = join(directory, `binlogs/insert_log/${meta?.collection_id}/${autumn?.partition_id}`);
  const logs = (await readdir(place, { recursive: true })).filter((path) => /^\d+\/\d+\/102\/\d+$/.test(path));
  expect(logs).toHaveLength(1);
  const file = await open(join(place, logs[0] ?? ""), "r+");
  await file.write(new Uint8Array(64), 0, 64, 0);
  await file.close();
}

it.each([
  { target: "relative", why: "it is not absolute" },
  { target: "dotted", why: 'it has a "." or ".." in it' },
])("a path that Milvus would misread is refused: $target", async ({ target, why }) => {
  const into = workspace.database(target);
  const options = `--target ${target} --source local --rename ${home}.*:${into}.*`;
  const result = await workspace.milvusBackup(`restore ${backup} ${options}`);
  expect(result.status).toBe(15);
  expect(result.stdout).toContain(why);
  await using milvus = await connectMilvus({ address: local.address });
  expect(await listCollections(milvus, into)).toEqual([]);
});
