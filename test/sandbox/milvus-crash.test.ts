/** A Milvus that crashes under a run and comes up again, and one that does not let us in: it is this file's own. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { BackupEvent } from "../../src/core/events.ts";
import type { RunReport } from "../../src/core/report.ts";
import { filesOf } from "../support/target-records.ts";
import { createAll } from "../support/dataset.ts";
import { specOf } from "../support/dataset-specs.ts";
import { type OwnMilvus, startOwnMilvus } from "../support/own-milvus.ts";
import { runCommand } from "../support/run-command.ts";
import { spawnCli } from "../support/spawn-cli.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";

const NAMES = ["a", "b", "c", "d", "e"];
/** What Milvus gives root at its first start. */
const PASSWORD = "Milvus";
const WITH_AUTHORIZATION = { COMMON_SECURITY_AUTHORIZATIONENABLED: "true" };

let own: OwnMilvus;
let workspace: Workspace;

beforeAll(async () => {
  own = await startOwnMilvus();
  workspace = await createWorkspace(() => {
    const place = { address: own.address, storage: "own-disk" };
    const from = (source: string) => ({ source, targets: [{ storage: "disk" }], select: { include: ["home.*"] } });
    const auth = { username: "root", password: { env: "OWN_PASSWORD" } };
    return {
      sources: { own: { ...place, auth }, nobody: place },
      storages: { "own-disk": { type: "local", path: own.root } },
      limits: { collections: 2 },
      policies: {
        one_by_one: { ...from("own"), limits: { collections: 1 } },
        nightly: from("own"),
        anon: from("nobody"),
      },
    };
  });
  await createAll(
    own.address,
    NAMES.map((name) => ({ ...specOf("shared"), database: "home", name })),
  );
}, 120_000);

afterAll(async () => {
  await own[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
}, 60_000);

/** Runs a command with --json, and crashes the Milvus when its first collection is done; both have ended then. */
async function crashUnder(commandLine: string): Promise<RunReport> {
  let crash: Promise<void> | undefined;
  const onEvent = ({ type }: BackupEvent): void => {
    if (type === "collection.finished") crash ??= own.crash(WITH_AUTHORIZATION);
  };
  const result = await spawnCli(as(PASSWORD), `${commandLine} --json`, { onEvent });
  await crash;
  const report = reportOf(result);
  expect(result.status).toBe(report.exitStatus);
  return report;
}

function as(password: string): Workspace {
  return { ...workspace, env: { ...workspace.env, OWN_PASSWORD: password } };
}

function milvusBackup(commandLine: string, password = PASSWORD): ReturnType<typeof runCommand> {
  const [command = "", ...args] = commandLine.split(" ");
  return runCommand({ cwd: workspace.path, env: as(password).env }, command, ...args);
}

function statesOf({ collections }: RunReport): readonly (string | undefined)[] {
  return collections.map(({ state, error }) => error?.code ?? state);
}

it("a crash while collections are captured: the backup has what was whole and says so, and the next one is complete", async () => {
  const report = await crashUnder("run one_by_one");
  const collections = statesOf(report);
  const isOutlasted = collections.every((state) => state === "complete"); // where Milvus is back before its callers give up
  expect([collections[0], isOutlasted || collections.includes("unreachable"), collections.length]).toEqual([
    "complete",
    true,
    5,
  ]);
  expect([report.state, report.exitStatus]).toEqual(isOutlasted ? ["complete", 0] : ["partial", 3]);
  const whole = report.collections.filter(({ state }) => state === "complete");
  const payload = await readdir(join(workspace.disk, report.backup, "binlogs/insert_log"));
  expect(payload).toHaveLength(whole.length);
  expect(await workspace.list("disk")).toMatchObject([{ state: report.state, collections: whole.length }]);
  const next = reportOf(await milvusBackup("run nightly --json"));
  expect(next).toMatchObject({ state: "complete", exitStatus: 0 });
  expect(next.collections.map(({ rows }) => rows)).toEqual(NAMES.map(() => 25));
});

it.each([
  { who: "a wrong password", command: "run nightly", password: "wr0ng-s3cret" },
  { who: "a wrong password", command: "create -n b1 --source own --target disk", password: "wr0ng-s3cret" },
  { who: "a wrong password", command: "check --source own --target disk", password: "wr0ng-s3cret" },
  { who: "no user", command: "run anon", password: PASSWORD },
])("$command with $who ends with 12, says what to check, and writes nothing", async ({ command, password }) => {
  const before = await filesOf(workspace.disk);
  const { status, stdout, stderr } = await milvusBackup(command, password);
  expect(status).toBe(12);
  expect(stdout + stderr).toMatch(/auth check failure|missing authorization/);
  expect((stdout + stderr).toLowerCase()).toContain("check the user name and password");
  expect(stdout + stderr).not.toContain("wr0ng-s3cret");
  expect(await filesOf(workspace.disk)).toEqual(before);
});

it("a crash while rows are imported: what did not become whole is gone again, and a second restore brings it back", async () => {
  const { backup } = reportOf(await milvusBackup("run nightly --json"));
  const restore = `restore ${backup} --rename home.*:away.*`;
  const report = await crashUnder(restore);
  expect({ state: report.state, exitStatus: report.exitStatus }).toEqual({ state: "partial", exitStatus: 3 });
  expect(statesOf(report)).toEqual(expect.arrayContaining(["complete", "failed"]));
  expect(JSON.stringify(report)).toContain("task marked failed as service restarted");
  expect((await readdir(own.root)).filter((name) => name.startsWith("restore_temp"))).toEqual([]);
  const again = reportOf(await milvusBackup(`${restore} --on-conflict skip --json`));
  expect(again).toMatchObject({ state: "complete", exitStatus: 0 });
  const back = [...report.collections, ...again.collections].filter(({ state }) => state === "complete");
  expect(back.map(({ restoredTo, rowsFound }) => [restoredTo?.name, rowsFound]).toSorted()).toEqual(
    NAMES.map((name) => [name, 25]),
  );
});
