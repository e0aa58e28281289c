/** What can happen to a target, and what the model makes of it. An action is a row of ACTIONS. */
import { expect } from "vitest";
import { deleteBackup } from "../../src/catalog/delete-backup.ts";
import { readCandidates } from "../../src/catalog/garbage-candidates.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { findBackup } from "../../src/catalog/open-backup.ts";
import { removePin, writePin } from "../../src/catalog/pins.ts";
import { planChecks } from "../../src/core/check-plan.ts";
import { planDelete } from "../../src/core/delete-plan.ts";
import { planPrune } from "../../src/core/prune-plan.ts";
import { toRetention } from "../../src/core/retention-defaults.ts";
import { decidePrune } from "../../src/engine/decide-prune.ts";
import type { DecidedPrune } from "../../src/engine/decide-prune.ts";
import { runDelete } from "../../src/engine/delete.ts";
import { runGc } from "../../src/engine/gc.ts";
import { runPrune } from "../../src/engine/prune.ts";
import { runChecks } from "../../src/engine/run-checks.ts";
import { bytesBody, readBytes } from "../../src/io/body.ts";
import { jobOf, nowMs, payloadIn, pick, POLICY, WHOLE } from "./catalog-model.ts";
import type { Action, CatalogWorld, Modelled } from "./catalog-model.ts";
import { isPruned } from "./catalog-oracle.ts";
import { backUp, closedTarget, resumeB1 } from "./engine-run.ts";
import { failingStorage, killedAfter } from "./failing-storage.ts";
import { keysOf } from "./storage-content.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const KEPT = 2;

export const ACTIONS: Readonly<Record<string, Action>> = {
  run: async (world) => {
    const name = newName(world);
    const { state, errors, collections } = await backUp(jobOf(world), { backup: name, policy: POLICY });
    expect([state, errors, collections.map(({ error }) => error)]).toEqual(["complete", [], [undefined]]);
    world.model.set(name, WHOLE);
  },
  kill: async (world) => {
    const { target, model, changes } = world;
    const name = newName(world);
    const at = 2 + world.random(changes.length - 2);
    await backUp(jobOf(world, failingStorage(target, killedAfter(at))), { backup: name, policy: POLICY });
    const isWhole = changes.slice(0, at).some((change) => change.endsWith("/meta/backup_meta.json"));
    model.set(name, isWhole ? WHOLE : { ...WHOLE, state: "unfinished" });
  },
  resume: async (world) => {
    const name = pick(world, ["unfinished", "deleting", "whole"]);
    if (name === undefined) return;
    const before = world.model.get(name);
    const report = await resumeB1(jobOf(world), name, POLICY);
    if (before?.state !== "unfinished") expect(report).toBeUndefined();
    if (report === undefined) return;
    expect(report.state).toBe("complete");
    change(world, name, { state: "whole", isCorrupt: false }); // what was corrupt is found, and copied again
  },
  "kill a resumption": async (world) => {
    const name = pick(world, ["unfinished"]);
    if (name === undefined) return;
    const { target, changes } = world;
    const killed = failingStorage(target, killedAfter(2 + world.random(changes.length / 2)));
    await resumeB1(jobOf(world, killed), name, POLICY);
    const keys = await keysOf(target, `${name}/meta/`);
    if (keys.includes(`${name}/meta/backup_meta.json`)) change(world, name, { state: "whole", isCorrupt: false });
  },
  delete: async (world) => {
    const name = pick(world, ["whole", "unfinished", "deleting"]);
    if (name === undefined || (await keysOf(world.target, `${name}/`)).length === 0) return;
    const { run, target } = jobOf(world);
    const entry = await findBackup(target.storage, name, { now: run.now });
    if (world.model.get(name)?.isPinned) return void expect(() => planDelete(entry, "nas")).toThrow("it is pinned");
    expect((await runDelete(planDelete(entry, "nas"), run, target)).exitStatus).toBe(0);
    world.model.delete(name);
  },
  "kill a deletion": async (world) => {
    const name = pick(world, ["whole", "unfinished"]);
    if (name === undefined || world.model.get(name)?.isPinned) return;
    const killed = failingStorage(world.target, killedAfter(1 + world.random(6)));
    await deleteBackup(killed, name).catch(() => undefined);
    await lookAfterDeletion(world, name);
  },
  corrupt: async (world) => {
    const name = pick(world, ["whole", "unfinished"]);
    if (name === undefined) return;
    const keys = (await keysOf(world.target, `${name}/binlogs/`)).filter((key) => !key.endsWith(".json"));
    const key = keys[world.random(keys.length)];
    if (key === undefined) return;
    const bytes = await readBytes((await world.target.read(key)).body);
    await world.target.write(key, bytesBody(bytes.map((byte) => byte ^ 1)));
    const isWhole = world.model.get(name)?.state === "whole"; // twice is not at all
    const isCorrupt =
      !isWhole || JSON.stringify(await payloadIn(world.target, name)) !== JSON.stringify(world.expected);
    change(world, name, { isCorrupt });
  },
  pin: async (world) => {
    const name = pick(world, ["whole", "unfinished"]);
    if (name === undefined) return;
    await writePin(world.target, { backup: name, pin: { at: new Date(nowMs(world)).toISOString(), reason: "audit" } });
    change(world, name, { isPinned: true });
  },
  unpin: async (world) => {
    const pinned = [...world.model].filter(([, { isPinned }]) => isPinned).map(([name]) => name);
    const name = pinned[world.random(pinned.length)];
    if (name === undefined) return;
    await removePin(world.target, name);
    change(world, name, { isPinned: false });
  },
  verify: async (world) => {
    const name = pick(world, ["whole"]);
    const own = name === undefined ? undefined : world.model.get(name);
    if (name === undefined || own === undefined) return;
    const { startedAt } = await findBackup(world.target, name);
    const atMs = Math.floor(nowMs(world) / 1000) * 1000;
    if (atMs <= Math.max(Date.parse(startedAt ?? ""), own.check?.atMs ?? 0)) return; // the clock was turned back: which is newer?
    const { run, limits, objectLimit, target } = jobOf(world);
    const plan = planChecks(name, ["nas"], [{ level: "checksum", why: "asked for" }]);
    const report = await runChecks(plan, { run, limits, objectLimit, targets: [closedTarget("nas", target.storage)] });
    const verdict = own.isCorrupt || own.stray !== undefined ? "damaged" : "ok";
    expect([name, report.exitStatus]).toEqual([name, verdict === "ok" ? 0 : 4]);
    change(world, name, { check: { verdict, atMs } });
  },
  prune: async (world) => {
    const expected = await prunedNames(world);
    const decided = await decide(world);
    await prune(world, decided);
    for (const name of expected) world.model.delete(name);
    expect(
      decided.verdicts
        .filter(({ verdict }) => verdict === "prune")
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(expected);
    for (const name of expected) expect(await keysOf(world.target, `${name}/`)).toEqual([]);
  },
  "kill a prune": async (world) => {
    const decided = await decide(world);
    await prune(world, decided, killedAfter(1 + world.random(30))).catch(() => undefined);
    for (const { name, verdict } of decided.verdicts) if (verdict === "prune") await lookAfterDeletion(world, name);
  },
  "a stray object": async (world) => {
    const name = pick(world, ["whole"]);
    if (name === undefined || world.model.get(name)?.stray !== undefined) return;
    const key = `${name}/binlogs/delta_log/1/2/3/3/4.json`;
    const { modifiedAt } = await world.target.write(key, bytesBody("deletes"));
    change(world, name, { stray: { key, bornMs: modifiedAt?.getTime() ?? Number.NaN } });
  },
  gc: async (world) => {
    const { run, target } = jobOf(world);
    const report = await runGc({ target, sources: [], minAgeMs: DAY_MS }, run);
    expect([report.exitStatus, report.garbage?.left]).toEqual([0, []]);
    for (const [name, own] of [...world.model]) {
      if (own.state === "deleting") world.model.delete(name);
      else if (own.stray !== undefined) await lookAtStray(world, name, own.stray);
    }
  },
  "kill a gc": async (world) => {
    const { run, target } = jobOf(world, failingStorage(world.target, killedAfter(1 + world.random(20))));
    await runGc({ target, sources: [], minAgeMs: DAY_MS }, run).catch(() => undefined);
    for (const [name, { state, stray }] of [...world.model]) {
      if (state === "deleting") await lookAfterDeletion(world, name);
      if (stray !== undefined) await lookAtStray(world, name, stray, true);
    }
  },
  "the clock jumps": async (world) => {
    const ms = (world.random(80) - 20) * HOUR_MS;
    world.clock.aheadMs += ms;
    world.target.advance(ms);
  },
};

function newName({ model, random }: CatalogWorld): string {
  const name = `b${random(1_000_000)}`;
  return model.has(name) ? `${name}_` : name;
}

function change({ model }: CatalogWorld, name: string, changed: Partial<Modelled>): void {
  model.set(name, { ...(model.get(name) ?? WHOLE), ...changed });
}

/** A deletion that was killed: it is gone, it says that it is being deleted, or nothing was done to it. */
async function lookAfterDeletion(world: CatalogWorld, name: string): Promise<void> {
  const keys = await keysOf(world.target, `${name}/`);
  if (keys.length === 0) return void world.model.delete(name);
  const { state } = await findBackup(world.target, name);
  if (state === "deleting") change(world, name, { state: "deleting", stray: undefined });
}

/** It goes in a pass when one at least a day before has noted it; a clock that was turned back begins anew. */
async function lookAtStray(
  world: CatalogWorld,
  name: string,
  stray: NonNullable<Modelled["stray"]>,
  wasKilled = false,
): Promise<void> {
  const now = nowMs(world);
  const { key, bornMs, notedMs } = stray;
  const isThere = (await keysOf(world.target, key)).length > 0;
  const isKnown = notedMs !== undefined && notedMs <= now;
  const isDue = isKnown && now - notedMs >= DAY_MS && now - bornMs >= DAY_MS;
  if (!isThere) expect([name, isDue]).toEqual([name, true]);
  else if (!wasKilled) expect([name, isDue]).toEqual([name, false]);
  if (!isThere) return change(world, name, { stray: undefined });
  const found = wasKilled ? (await readCandidates(world.target)).find((one) => one.key === key) : undefined;
  const noted = wasKilled ? found && Date.parse(found.since) : isKnown ? notedMs : now; // nobody knows how far it came
  change(world, name, { stray: { ...stray, notedMs: noted } });
}

function decide(world: CatalogWorld): Promise<DecidedPrune> {
  const { target, run } = jobOf(world);
  const retention = toRetention({ keep: { last: KEPT } });
  const group = {
    policy: POLICY,
    source: "prod",
    target: closedTarget("nas", target.storage),
    retention,
    required: [],
  };
  return decidePrune(group, run);
}

async function prune(
  world: CatalogWorld,
  decided: DecidedPrune,
  killed?: Parameters<typeof failingStorage>[1],
): Promise<void> {
  const plan = planPrune(decided);
  if (plan === undefined) return;
  const { run, target } = jobOf(world, killed === undefined ? world.target : failingStorage(world.target, killed));
  await runPrune(plan, run, { target, decided });
}

/** What the model says that retention lets go. */
async function prunedNames(world: CatalogWorld): Promise<readonly string[]> {
  const entries = await listBackups(world.target);
  const facts = entries.map(({ name, startedAt }) => ({
    name,
    startedMs: Date.parse(startedAt ?? ""),
    ...(world.model.get(name) ?? WHOLE),
  }));
  return facts
    .filter((one) => isPruned(one, facts, { kept: KEPT, nowMs: nowMs(world) }))
    .map(({ name }) => name)
    .toSorted();
}
