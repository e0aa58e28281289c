/** Every request that a backup and a restore make of a real Milvus, under what a proxy lets befall it, and what holds then. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { CollectionSummary } from "../../src/core/contracts/library.ts";
import { BackupError } from "../../src/core/errors.ts";
import { PATIENCE } from "../../src/engine/patience.ts";
import type { Patience } from "../../src/engine/patience.ts";
import { createAll, dropDatabase } from "./dataset.ts";
import { succeed, withClient } from "./dataset-client.ts";
import { specOf } from "./dataset-specs.ts";
import { startGrpcProxy } from "./grpc-proxy.ts";
import type { GrpcFault } from "./grpc-proxy.ts";
import { runCommand } from "./run-command.ts";
import type { CommandResult } from "./run-command.ts";
import { sandboxEnv } from "./sandbox.ts";
import type { LocalMilvus } from "./sandbox.ts";
import { createWorkspace, reportOf } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

export interface Befallen {
  readonly rpc: string;
  /** Stopped: a request is never answered, and somebody at the keyboard gives it up before the client does. */
  readonly fault: GrpcFault | "stopped";
  /** The first request of its kind, or all of them. */
  readonly often: "once" | "always";
}

/** What can befall each request. */
export const GRPC_FAULTS: readonly Omit<Befallen, "rpc">[] = [
  ...(["UNAVAILABLE", "DEADLINE_EXCEEDED", "{}", "dropped", "hang"] as const).flatMap((fault) => [
    { fault, often: "once" as const },
    { fault, often: "always" as const },
  ]),
  { fault: "stopped", often: "once" },
];

export interface GrpcSetting extends AsyncDisposable {
  /** What a backup and a restore ask Milvus for when nothing befalls them. */
  learn(): Promise<Readonly<Record<"backup" | "restore", ReadonlySet<string>>>>;
  /** Under a fault, and then what must hold; gives back the exit status that it had. */
  backUp(befallen: Befallen): Promise<number>;
  restore(befallen: Befallen): Promise<number>;
}

interface Place {
  readonly milvus: LocalMilvus;
  readonly workspace: Workspace;
  readonly home: string;
  readonly away: string;
  /** Runs a command while it is so. */
  run(commandLine: string, befallen?: Befallen): Promise<CommandResult>;
  readonly asked: Set<string>;
  /** Of the restores here: others restore on the same Milvus. */
  readonly runIds: Set<string>;
}

/** With a proxy before this Milvus, and databases of its own in it: several work at once. */
export async function openGrpcSetting(milvus: LocalMilvus = sandboxEnv().local): Promise<GrpcSetting> {
  let befallen: Befallen | undefined;
  let stop = new AbortController();
  const asked = new Set<string>();
  const runIds = new Set<string>();
  const proxy = await startGrpcProxy(milvus.address, (rpc) => {
    asked.add(rpc);
    if (befallen?.rpc !== rpc) return undefined;
    const { fault, often } = befallen;
    if (often === "once") befallen = undefined;
    if (fault !== "stopped") return fault;
    setImmediate(() => stop.abort(new BackupError("interrupted", "The run was stopped")));
    return "hang";
  });
  const workspace = await createWorkspace(() => ({
    sources: { proxied: { address: proxy.address, storage: "behind" } },
    storages: { behind: { type: "local", path: milvus.root } },
  }));
  const [home, away] = [workspace.database("home"), workspace.database("away")];
  const place: Place = {
    milvus,
    workspace,
    home,
    away,
    asked,
    runIds,
    run: async (commandLine, during) => {
      befallen = during;
      stop = new AbortController();
      const [command = "", ...args] = commandLine.split(" ");
      const { path: cwd, env } = workspace;
      const patience = during && patienceUnder(during);
      const result = await runCommand({ cwd, env, signal: stop.signal, patience }, command, ...args);
      befallen = undefined;
      for (const [, runId = ""] of result.stdout.matchAll(/^{[^}]*"runId":"(\w+)"/gm)) runIds.add(runId);
      return result;
    },
  };
  await createAll(milvus.address, [{ ...specOf("text_keys"), database: home, name: "a", partitions: ["empty"] }]);
  expect((await place.run(createLine(place, "whole"))).status).toBe(0);
  const whole = await contentOf(place, "whole");
  return {
    learn: () => learn(place, whole),
    backUp: (one) => backUpUnder(place, whole, one),
    restore: (one) => restoreUnder(place, whole, one).finally(() => dropAway(place)),
    [Symbol.asyncDispose]: async () => {
      await workspace[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** Where no answer comes, or Milvus can never be asked how far an import is, a shorter wait shows it just as well. */
function patienceUnder({ rpc, fault, often }: Befallen): Patience {
  return {
    ...PATIENCE,
    ...(fault === "hang" && { answerMs: 3000 }),
    ...(rpc === "GetImportState" && often === "always" && { importStallMs: 4000, graceMs: 2000 }),
    ...(rpc !== "GetImportState" && fault === "stopped" && { graceMs: 2000 }),
  };
}

async function learn(place: Place, { rows }: Content): ReturnType<GrpcSetting["learn"]> {
  const { run, asked, workspace } = place;
  asked.clear();
  expect((await run(createLine(place, "learnt"))).status).toBe(0);
  await rm(join(workspace.disk, "learnt"), { recursive: true });
  const backup = new Set(asked);
  asked.clear();
  expect(rowsIn(await run(restoreLine(place)))).toBe(rows);
  await expectNothingLeft(place, ["a"]);
  await dropAway(place);
  return { backup, restore: new Set(asked) };
}

function createLine({ home }: Place, name: string): string {
  return `create -n ${name} --source proxied --target disk --include ${home}.*`;
}

function restoreLine({ home, away }: Place): string {
  return `restore whole --target disk --source proxied --rename ${home}.*:${away}.* --aliases all --json`;
}

interface Content {
  readonly text: string;
  /** How many a restore brings back. */
  readonly rows: number;
}

/** What our reader of logs finds in a backup. */
async function contentOf({ workspace }: Place, name: string): Promise<Content> {
  const { status, stdout } = await workspace.milvusBackup(`get ${name} --target disk --rows --json`);
  expect(status).toBe(0);
  const { collections } = JSON.parse(stdout) as { readonly collections: readonly CollectionSummary[] };
  const text = JSON.stringify(collections.map(({ database, name: of, rows, live }) => [database, of, rows, live]));
  return { text, rows: collections.reduce((sum, { live = 0 }) => sum + live, 0) };
}

/** Whole only what has everything; what is not is gone on with, or another one is taken, and that is whole. */
async function backUpUnder(place: Place, whole: Content, befallen: Befallen): Promise<number> {
  const { workspace, run } = place;
  const { status } = await run(createLine(place, "b1"), befallen);
  const entry = (await workspace.list("disk")).find(({ name }) => name === "b1");
  expect([status, entry?.state === "complete"]).toEqual([status, status === 0]);
  let name = "b1";
  if (status !== 0 && (await run(`${createLine(place, name)} --resume`)).status !== 0) {
    name = "b2";
    expect((await run(createLine(place, name))).status).toBe(0);
  }
  expect(await contentOf(place, name)).toEqual(whole);
  for (const one of ["b1", "b2"]) await rm(join(workspace.disk, one), { recursive: true, force: true });
  await expectNothingLeft(place, []);
  return status;
}

/** Whole only what has every row; what is not is gone, or named; and the next one is whole. */
async function restoreUnder(place: Place, { rows }: Content, befallen: Befallen): Promise<number> {
  const { run, away } = place;
  const result = await run(restoreLine(place), befallen);
  const { status } = result;
  const made = await madeIn(place);
  if (status === 0) expect([made, rowsIn(result)]).toEqual([["a"], rows]);
  else {
    const left = [...made.map((name) => `${away}.${name}`), ...(await temporaryPlaces(place))];
    for (const name of left) expect(toldBy(result)).toContain(name);
  }
  if (status !== 0) {
    const resumed = await run(`${restoreLine(place)} --resume`);
    if (resumed.status !== 0) {
      await dropAway(place);
      expect((await run(restoreLine(place))).status).toBe(0);
    } else expect(rowsIn(resumed)).toBe(rows);
  }
  await expectNothingLeft(place, ["a"]);
  return status;
}

/** To a person: the plan names it all, and says nothing of what is left. */
function toldBy({ stdout, stderr }: CommandResult): string {
  const told = stdout.matchAll(/"(?:message|hint)":("(?:[^"\\]|\\.)*")/g);
  return [stderr, ...Array.from(told, ([, text = '""']) => JSON.parse(text) as string)].join("\n").replaceAll('"', "");
}

function rowsIn(result: CommandResult): number | undefined {
  expect(result.status).toBe(0);
  return reportOf(result).collections[0]?.rowsFound;
}

async function madeIn({ milvus, away }: Place): Promise<readonly string[]> {
  return await withClient(milvus.address, "default", async (client) => {
    const { db_names } = await succeed(client.listDatabases());
    if (!db_names.includes(away)) return [];
    return (await succeed(client.showCollections({ db_name: away }))).data.map(({ name }) => name);
  });
}

async function temporaryPlaces({ milvus, runIds }: Place): Promise<readonly string[]> {
  return (await readdir(milvus.root)).filter((name) => runIds.has(name.slice("restore_temp_".length)));
}

/** Neither in Milvus, nor where it keeps its segments, nor in the target. */
async function expectNothingLeft(place: Place, collections: readonly string[]): Promise<void> {
  expect([await madeIn(place), await temporaryPlaces(place)]).toEqual([collections, []]);
  const control = await readdir(join(place.workspace.disk, ".milvus-backup"), { recursive: true }).catch(() => []);
  expect(control.filter((path) => /^(runs|locks\/s)\/./.test(path))).toEqual([]);
}

function dropAway({ milvus, away }: Place): Promise<void> {
  return dropDatabase(milvus.address, away);
}
