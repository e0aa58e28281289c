/** A real Milvus behind a proxy that lets befall requests what a test says, with a backup to bring back from it. */
import { readdir } from "node:fs/promises";
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
import type { LocalMilvus } from "./sandbox.ts";
import { createWorkspace } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

export interface Befallen {
  readonly rpc: string;
  /** Stopped: a request is never answered, and somebody at the keyboard gives it up before the client does. */
  readonly fault: GrpcFault | "stopped";
  /** The first request of its kind, or all of them. */
  readonly often: "once" | "always";
}

export interface GrpcPlace extends AsyncDisposable {
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

/** With a proxy before this Milvus, and databases of its own in it; one collection, loaded, and a whole backup of it. */
export async function openGrpcPlace(milvus: LocalMilvus): Promise<GrpcPlace> {
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
  const place: GrpcPlace = {
    milvus,
    workspace,
    home,
    away,
    asked,
    runIds,
    [Symbol.asyncDispose]: async () => {
      await workspace[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
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
  await withClient(milvus.address, home, (client) => succeed(client.loadCollectionSync({ collection_name: "a" })));
  expect((await place.run(createLine(place, "whole"))).status).toBe(0);
  return place;
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

export function createLine({ home }: GrpcPlace, name: string): string {
  return `create -n ${name} --source proxied --target disk --include ${home}.*`;
}

export function restoreLine({ home, away }: GrpcPlace): string {
  return `restore whole --target disk --source proxied --rename ${home}.*:${away}.* --aliases all --json`;
}

export interface Content {
  readonly text: string;
  /** How many a restore brings back. */
  readonly rows: number;
}

/** What our reader of logs finds in a backup. */
export async function contentOf({ workspace }: GrpcPlace, name: string): Promise<Content> {
  const { status, stdout } = await workspace.milvusBackup(`get ${name} --target disk --rows --json`);
  expect(status).toBe(0);
  const { collections } = JSON.parse(stdout) as { readonly collections: readonly CollectionSummary[] };
  const text = JSON.stringify(collections.map(({ database, name: of, rows, live }) => [database, of, rows, live]));
  return { text, rows: collections.reduce((sum, { live = 0 }) => sum + live, 0) };
}

export async function madeIn({ milvus, away }: GrpcPlace): Promise<readonly string[]> {
  return await withClient(milvus.address, "default", async (client) => {
    const { db_names } = await succeed(client.listDatabases());
    if (!db_names.includes(away)) return [];
    return (await succeed(client.showCollections({ db_name: away }))).data.map(({ name }) => name);
  });
}

export async function temporaryPlaces({ milvus, runIds }: GrpcPlace): Promise<readonly string[]> {
  return (await readdir(milvus.root)).filter((name) => runIds.has(name.slice("restore_temp_".length)));
}

/** Neither in Milvus, nor where it keeps its segments, nor in the target. */
export async function expectNothingLeft(place: GrpcPlace, collections: readonly string[]): Promise<void> {
  expect([await madeIn(place), await temporaryPlaces(place)]).toEqual([collections, []]);
  const control = await readdir(join(place.workspace.disk, ".milvus-backup"), { recursive: true }).catch(() => []);
  expect(control.filter((path) => /^(runs|locks\/s)\/./.test(path))).toEqual([]);
}

export function dropAway({ milvus, away }: GrpcPlace): Promise<void> {
  return dropDatabase(milvus.address, away);
}
