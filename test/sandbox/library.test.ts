/** The library does on a real Milvus what the command line does. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createBackup, deleteBackup, listBackups, restoreBackup, runPolicy } from "../../src/index.ts";
import type { BackupEvent } from "../../src/index.ts";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { listCollections } from "../../src/milvus/inventory.ts";
import { createAll } from "../support/dataset.ts";
import { readRows } from "../support/dataset-read.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { datasetSpecs } from "../support/dataset-specs.ts";
import { denoFlags, IS_DENO } from "../support/deno.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, toDisk, type Workspace } from "../support/workspace.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { address } = sandboxEnv().local;
const NAMES = ["shared", "empty"];
let workspace: Workspace;
let database: string;
/** What every call is given. */
let place: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };

beforeAll(async () => {
  workspace = await createWorkspace((names) => ({
    policies: {
      nightly: toDisk(...NAMES.map((name) => `${names.database("library")}.${name}`)),
    },
  }));
  database = workspace.database("library");
  place = { cwd: workspace.path, env: workspace.env };
  const specs = datasetSpecs.filter(({ name }) => NAMES.includes(name));
  await createAll(address, inDatabases(specs, { default: database }));
}, 120_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

async function expectSameRows(suffix: string): Promise<void> {
  for (const collection of NAMES) {
    const rows = await readRows(address, { database, collection });
    expect(await readRows(address, { database, collection: collection + suffix })).toEqual(rows);
  }
}

it("examples/library.ts backs up, lists and restores, and its process comes to an end", async () => {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const runtime = IS_DENO ? ["run", ...denoFlags("everything")] : [tsx, "--conditions=source"];
  const words = [...runtime, join(root, "examples/library.ts"), "nightly"];
  const { stdout } = await promisify(execFile)(process.execPath, words, {
    cwd: workspace.path,
    env: { ...process.env, ...workspace.env },
  });
  const lines = stdout.split("\n");
  expect(lines).toContainEqual(expect.stringMatching(/^Backup nightly_\w+ is complete: 2 collections, \d+ rows/));
  expect(lines).toContainEqual(expect.stringMatching(/^The newest of disk is nightly_/));
  expect(lines).toContainEqual(expect.stringMatching(/^Restore of nightly_\w+ is complete: 2 collections/));
  expect(lines).toContainEqual(expect.stringMatching(/^nightly_\w+ is committed, complete$/));
  await expectSameRows("_restored");
});

it("runPolicy() and restoreBackup() tell their events in order, report, and print nothing", async () => {
  const writes = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write"));
  const events: BackupEvent[] = [];
  const options = { ...place, onEvent: (event: BackupEvent) => void events.push(event) };
  const taken = await runPolicy({ ...options, policy: "nightly" });
  expect(taken).toMatchObject({ state: "complete", exitStatus: 0, policy: "nightly", target: "disk" });
  const told = events.filter(({ type }) => type !== "step.progress").map(labelOf);
  expect(told.slice(0, 4)).toEqual(["run.started", "plan.made", "step.started begin", "step.finished begin"]);
  for (const name of NAMES.map((collection) => `${database}.${collection}`)) {
    expect(told.slice(4, -4).filter((label) => label.endsWith(name))).toEqual([
      `step.started ${name}`,
      `collection.finished ${name}`,
      `step.finished ${name}`,
    ]);
  }
  expect(told.slice(-4)).toEqual(["step.started commit", "backup.committed", "step.finished commit", "run.finished"]);
  const [listed] = await listBackups(place);
  expect(listed).toMatchObject({ name: taken.backup, target: "disk", state: "complete", collections: 2 });

  events.length = 0;
  const restored = await restoreBackup({ ...options, backup: taken.backup, suffix: "_again" });
  expect(restored).toMatchObject({ action: "restore", state: "complete", exitStatus: 0 });
  expect(events[0]?.type).toBe("run.started");
  expect(events.at(-1)).toMatchObject({ type: "run.finished", exitStatus: 0, summary: restored.summary });
  expect(new Set(events.map(({ runId }) => runId))).toEqual(new Set([restored.runId]));
  expect(writes.map(({ mock }) => mock.calls)).toEqual([[], []]);
  vi.restoreAllMocks();
  await expectSameRows("_again");
});

/** An event's type, and the step or collection that it is about. */
function labelOf(event: BackupEvent): string {
  if (event.type === "step.started" || event.type === "step.finished") return `${event.type} ${event.step}`;
  if (event.type !== "collection.finished") return event.type;
  return `${event.type} ${event.collection.database}.${event.collection.name}`;
}

it("an abort in the middle leaves an interrupted backup, which nobody restores and which can be deleted", async () => {
  const stop = new AbortController();
  const onEvent = (event: BackupEvent): void => {
    if (event.type === "step.finished" && event.step === "begin") stop.abort();
  };
  const report = await runPolicy({ ...place, policy: "nightly", signal: stop.signal, onEvent });
  expect(report).toMatchObject({ state: "interrupted", exitStatus: 130 });
  const { backup } = report;
  const stateOf = async () => (await listBackups(place)).find(({ name }) => name === backup)?.state;
  expect(await stateOf()).toBe("interrupted");
  await expect(restoreBackup({ ...place, backup, suffix: "_no" })).rejects.toMatchObject({ code: "refused" });
  expect(await deleteBackup({ ...place, backup })).toMatchObject({ state: "complete", exitStatus: 0 });
  expect(await stateOf()).toBeUndefined();
});

it("createBackup() and restoreBackup() stop in the middle, too, and a restore leaves only what it reports whole", async () => {
  const newest = (await listBackups(place)).find(({ state }) => state === "complete")?.name ?? "";
  const stop = new AbortController();
  const create = { ...place, backup: `${workspace.id}_stopped`, source: "local", target: "disk" };
  const onCreate = ({ type }: BackupEvent): void => (type === "collection.finished" ? stop.abort() : undefined);
  const created = await createBackup({ ...create, include: [`${database}.*`], signal: stop.signal, onEvent: onCreate });
  expect(created).toMatchObject({ state: "interrupted", exitStatus: 130 });
  expect(await deleteBackup({ ...place, backup: created.backup })).toMatchObject({ state: "complete" });

  const halt = new AbortController();
  const onRestore = ({ type }: BackupEvent): void => (type === "step.progress" ? halt.abort() : undefined);
  const options = { ...place, backup: newest, suffix: "_halted", signal: halt.signal, onEvent: onRestore };
  const halted = await restoreBackup(options);
  expect(halted).toMatchObject({ state: "interrupted", exitStatus: 130 });
  const whole = halted.collections.filter(({ state }) => state === "complete");
  expect(whole.map(({ collection }) => collection.name)).not.toContain("shared");
  await using milvus = await connectMilvus({ address });
  const names = (await listCollections(milvus, database)).map(({ name }) => name);
  expect(names.filter((name) => name.endsWith("_halted"))).toEqual(whole.map(({ restoredTo }) => restoredTo?.name));
});

it("a dry run gives the plan, and neither the target nor Milvus has changed", async () => {
  const before = await listBackups(place);
  const [newest] = before;
  const plan = await runPolicy({ ...place, policy: "nightly", dryRun: true });
  expect(plan).toMatchObject({ action: "backup", policy: "nightly", source: "local", target: "disk" });
  expect(plan.steps.map(({ kind }) => kind)).toEqual([
    "begin-backup",
    "back-up-collection",
    "back-up-collection",
    "commit-backup",
  ]);
  const backup = newest?.name ?? "";
  const restore = await restoreBackup({
    ...place,
    backup,
    suffix: "_dry",
    collections: [`${database}.shared`],
    dryRun: true,
  });
  expect(restore.steps).toMatchObject([{ kind: "restore-collection", id: `${database}.shared_dry`, mode: "create" }]);
  expect(await listBackups(place)).toEqual(before);
  await expect(readRows(address, { database, collection: "shared_dry" })).rejects.toThrow("shared_dry");
});
