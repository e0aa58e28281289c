/** A Milvus of its own that crashes in each phase of a run and comes up again: under the run, and while the run is stopped. */
import { readdir } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { BackupEvent } from "../../src/core/events.ts";
import type { RunReport } from "../../src/core/report.ts";
import { createAll, dropDatabase } from "../support/dataset.ts";
import { specOf } from "../support/dataset-specs.ts";
import { startOwnMilvus } from "../support/own-milvus.ts";
import type { OwnMilvus } from "../support/own-milvus.ts";
import { spawnCli } from "../support/spawn-cli.ts";
import { createWorkspace, reportOf } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const NAMES = ["a", "b", "c"];

let own: OwnMilvus;
let workspace: Workspace;

beforeAll(async () => {
  own = await startOwnMilvus();
  workspace = await createWorkspace(() => ({
    sources: { own: { address: own.address, storage: "own-disk" } },
    storages: { "own-disk": { type: "local", path: own.root } },
    limits: { collections: 1 },
    policies: { nightly: { source: "own", targets: [{ storage: "disk" }], select: { include: ["home.*"] } } },
  }));
  await createAll(
    own.address,
    NAMES.map((name) => ({ ...specOf("shared"), database: "home", name })),
  );
}, 120_000);

afterAll(async () => {
  await own[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
}, 60_000);

const PHASES: Readonly<Record<string, (event: BackupEvent) => boolean>> = {
  capture: (event) => event.type === "step.started" && event.kind === "back-up-collection",
  copy: (event) => event.type === "step.progress" && event.phase === "copy",
  import: (event) => event.type === "step.progress" && event.phase === "import",
};

/** Runs a command with --json; at the first such event Milvus crashes, and the run is stopped until it is back, or is not. */
async function crashAt(phase: string, run: "goes on" | "is stopped", commandLine: string): Promise<RunReport> {
  let crash: Promise<void> | undefined;
  const result = await spawnCli(workspace, `${commandLine} --json`, {
    onEvent: (event, kill) => {
      if (crash !== undefined || !PHASES[phase]?.(event)) return;
      if (run === "goes on") crash = own.crash();
      else {
        kill("SIGSTOP");
        crash = own.crash().finally(() => kill("SIGCONT"));
      }
    },
  });
  await crash;
  expect(crash).toBeDefined();
  const report = reportOf(result);
  expect([report.exitStatus, report.exitStatus === 0]).toEqual([result.status, report.state === "complete"]);
  return report;
}

const CASES = Object.keys(PHASES).flatMap((phase) => [
  { phase, run: "goes on" as const },
  { phase, run: "is stopped" as const },
]);

it.each(CASES.filter(({ phase }) => phase !== "import"))(
  "a backup whose Milvus crashes at its $phase while it $run is whole or says what is not, and the next one is whole",
  async ({ phase, run }) => {
    const report = await crashAt(phase, run, "run nightly");
    const listed = (await workspace.list("disk")).find(({ name }) => name === report.backup);
    expect([listed?.state, listed?.collections]).toEqual([
      report.state,
      report.collections.filter(({ state }) => state === "complete").length,
    ]);
    const failed = report.collections.filter(({ state }) => state !== "complete");
    expect(failed.map(({ error }) => error?.code)).toEqual(failed.map(() => "unreachable"));
    const next = reportOf(await workspace.milvusBackup("run nightly --json"));
    expect([next.state, next.collections.map(({ rows }) => rows)]).toEqual(["complete", NAMES.map(() => 25)]);
  },
);

afterEach(() => dropDatabase(own.address, "away"));

it.each(CASES.filter(({ phase }) => phase !== "capture"))(
  "a restore whose Milvus crashes at its $phase while it $run is whole or goes on, and leaves nothing",
  async ({ phase, run }) => {
    const { backup } = reportOf(await workspace.milvusBackup("run nightly --json"));
    const restore = `restore ${backup} --rename home.*:away.*`;
    const first = await crashAt(phase, run, restore);
    const again = first.state === "complete" ? first : await goOn(restore);
    const rows = [...first.collections, ...again.collections].flatMap(({ state, restoredTo, rowsFound }) =>
      state === "complete" ? [[restoredTo?.name, rowsFound ?? 25]] : [],
    );
    expect(new Map(rows as [string, number][])).toEqual(new Map(NAMES.map((name) => [name, 25])));
    expect((await readdir(own.root)).filter((name) => name.startsWith("restore_temp"))).toEqual([]);
  },
);

/** What was not whole had gone again, or a resumption knows it. */
async function goOn(restore: string): Promise<RunReport> {
  const resumed = await workspace.milvusBackup(`${restore} --resume --json`);
  const again = resumed.status === 15 ? await workspace.milvusBackup(`${restore} --on-conflict skip --json`) : resumed;
  expect([again.status, again.stderr]).toEqual([0, again.stderr]);
  return reportOf(again);
}
