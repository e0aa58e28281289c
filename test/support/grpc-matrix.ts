/** Every request that a backup and a restore make of a real Milvus, under what a proxy lets befall it, and what holds then. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { createAll } from "./dataset.ts";
import { succeed, withClient } from "./dataset-client.ts";
import { specOf } from "./dataset-specs.ts";
import {
  contentOf,
  createLine,
  dropAway,
  expectNothingLeft,
  madeIn,
  openGrpcPlace,
  restoreLine,
  temporaryPlaces,
} from "./grpc-place.ts";
import type { Befallen, Content, GrpcPlace } from "./grpc-place.ts";
import type { CommandResult } from "./run-command.ts";
import { sandboxEnv } from "./sandbox.ts";
import { reportOf } from "./workspace.ts";

/** What can befall each request. */
export const GRPC_FAULTS: readonly Omit<Befallen, "rpc">[] = [
  ...(["UNAVAILABLE", "DEADLINE_EXCEEDED", "{}", "dropped", "hang"] as const).flatMap((fault) => [
    { fault, often: "once" as const },
    { fault, often: "always" as const },
  ]),
  { fault: "stopped", often: "once" },
];

type Action = "backUp" | "restore" | "replace";

export interface GrpcSetting
  extends Readonly<Record<Action, (befallen: Befallen) => Promise<number>>>, AsyncDisposable {
  /** What each asks Milvus for when nothing befalls it; a replacing restore, which also loads, besides what the other does. */
  learn(): Promise<Readonly<Record<Action, ReadonlySet<string>>>>;
}

/** Each of its actions goes on under a fault, then what must hold is looked at; it gives back the exit status that there was. */
export async function openGrpcSetting(milvus = sandboxEnv().local): Promise<GrpcSetting> {
  const place = await openGrpcPlace(milvus);
  const whole = await contentOf(place, "whole");
  return {
    learn: () => learn(place, whole),
    backUp: (one) => backUpUnder(place, whole, one),
    restore: (one) => restoreUnder(place, whole, one).finally(() => dropAway(place)),
    replace: (one) => replaceUnder(place, whole, one).finally(() => dropAway(place)),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

async function learn(place: GrpcPlace, { rows }: Content): ReturnType<GrpcSetting["learn"]> {
  const { run, asked, workspace } = place;
  asked.clear();
  expect((await run(createLine(place, "learnt"))).status).toBe(0);
  await rm(join(workspace.disk, "learnt"), { recursive: true });
  const backup = new Set(asked);
  asked.clear();
  expect(rowsIn(await run(restoreLine(place)))).toBe(rows);
  await expectNothingLeft(place, ["a"]);
  const restore = new Set(asked);
  expect(rowsIn(await run(replaceLine(place)))).toBe(rows);
  await expectNothingLeft(place, ["a"]);
  await dropAway(place);
  return { backUp: backup, restore, replace: new Set([...asked].filter((rpc) => !restore.has(rpc))) };
}

function replaceLine(place: GrpcPlace): string {
  return `${restoreLine(place)} --on-conflict replace --load`;
}

/** Whole only what has everything; what is not is gone on with, or another one is taken, and that is whole. */
async function backUpUnder(place: GrpcPlace, whole: Content, befallen: Befallen): Promise<number> {
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
async function restoreUnder(place: GrpcPlace, { rows }: Content, befallen: Befallen): Promise<number> {
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
    } else expect(await rowsThere(place)).toBe(rows);
  }
  await expectNothingLeft(place, ["a"]);
  return status;
}

/** The old one stays until the new one is whole, and then the new one has its name, or is named. */
async function replaceUnder(place: GrpcPlace, { rows }: Content, befallen: Befallen): Promise<number> {
  const { run, away, milvus } = place;
  await createAll(milvus.address, [{ ...specOf("text_keys"), database: away, name: "a", steps: [] }]);
  const old = await idOf(place);
  const result = await run(replaceLine(place), befallen);
  const made = await madeIn(place);
  if (result.status === 0) expect([made, rowsIn(result)]).toEqual([["a"], rows]);
  else {
    const isOld = made.includes("a") && (await idOf(place)) === old;
    const left = [...made.filter((name) => name !== "a" || !isOld), ...(await temporaryPlaces(place))];
    for (const name of left) expect(toldBy(result)).toContain(name === "a" ? `${away}.a` : name);
    expect(made).not.toEqual([]);
    const resumed = await run(`${replaceLine(place)} --resume`);
    if (resumed.status !== 0) {
      await dropAway(place);
      expect((await run(restoreLine(place))).status).toBe(0);
    } else expect(await rowsThere(place)).toBe(rows);
  }
  expect(await idOf(place)).not.toBe(old);
  await expectNothingLeft(place, ["a"]);
  return result.status;
}

/** By Milvus's own count: what a resumption finds compared it does not count again. */
async function rowsThere({ milvus, away }: GrpcPlace): Promise<number> {
  return await withClient(milvus.address, away, async (client) => {
    const { data } = await succeed(client.getCollectionStatistics({ collection_name: "a" }));
    return Number(data["row_count"]);
  });
}

async function idOf({ milvus, away }: GrpcPlace): Promise<string> {
  return await withClient(milvus.address, away, async (client) => {
    const { collectionID } = await succeed(client.describeCollection({ collection_name: "a" }));
    return String(collectionID);
  });
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
