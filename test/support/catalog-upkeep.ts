/** What keeps a target in order, and what the model makes of it. */
import { expect } from "vitest";
import { readCandidates } from "../../src/catalog/garbage-candidates.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { findBackup } from "../../src/catalog/open-backup.ts";
import { planChecks } from "../../src/core/check-plan.ts";
import { planPrune } from "../../src/core/prune-plan.ts";
import { toRetention } from "../../src/core/retention-defaults.ts";
import { decidePrune } from "../../src/engine/decide-prune.ts";
import type { DecidedPrune } from "../../src/engine/decide-prune.ts";
import { runGc } from "../../src/engine/gc.ts";
import { runPrune } from "../../src/engine/prune.ts";
import { runChecks } from "../../src/engine/run-checks.ts";
import { bytesBody } from "../../src/io/body.ts";
import { isPruned } from "./catalog-oracle.ts";
import { jobOf, note, nowMs, pick, POLICY, WHOLE } from "./catalog-world.ts";
import type { Action, CatalogWorld } from "./catalog-world.ts";
import { closedTarget } from "./engine-run.ts";
import { failingStorage, killedAfter } from "./failing-storage.ts";
import { keysOf } from "./storage-content.ts";

const DAY_MS = 86_400_000;
const KEPT = 2;

export const UPKEEP: Readonly<Record<string, Action>> = {
  verify: async (world) => {
    const name = pick(world, ["whole"]);
    const own = name === undefined ? undefined : world.model.get(name);
    if (name === undefined || own === undefined) return;
    if (nowMs(world) <= (await lastKnownMs(world, name))) return; // the clock was turned back: which is newer?
    const { run, limits, objectLimit, target } = jobOf(world);
    const plan = planChecks(name, ["nas"], [{ level: "checksum", why: "asked for" }]);
    const report = await runChecks(plan, { run, limits, objectLimit, targets: [closedTarget("nas", target.storage)] });
    const verdict = own.isCorrupt || own.stray !== undefined ? "damaged" : "ok";
    expect([name, report.exitStatus]).toEqual([name, verdict === "ok" ? 0 : 4]);
    note(world, name, { check: { verdict, atMs: nowMs(world) } });
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
    note(world, name, { stray: { key, bornMs: modifiedAt?.getTime() ?? Number.NaN } });
  },
  gc: async (world) => {
    const { run, target } = jobOf(world);
    const report = await runGc({ target, sources: [], minAgeMs: DAY_MS }, run);
    expect([report.exitStatus, report.garbage?.left]).toEqual([0, []]);
    for (const name of namesIn(world)) {
      if (world.model.get(name)?.state === "deleting") world.model.delete(name);
      const isDue = isStrayDue(world, name);
      if (isDue !== undefined) expect([name, isDue]).toEqual([name, await isStrayGone(world, name)]);
      await noteStray(world, name);
    }
  },
  "kill a gc": async (world) => {
    const { run, target } = jobOf(world, failingStorage(world.target, killedAfter(1 + world.random(20))));
    await runGc({ target, sources: [], minAgeMs: DAY_MS }, run).catch(() => undefined);
    for (const name of namesIn(world)) {
      if (world.model.get(name)?.state === "deleting") await lookAfterDeletion(world, name);
      if (await isStrayGone(world, name)) expect([name, isStrayDue(world, name)]).toEqual([name, true]);
      await noteStray(world, name);
    }
  },
};

function namesIn({ model }: CatalogWorld): readonly string[] {
  return [...model.keys()];
}

/** When it was begun or last looked at. */
async function lastKnownMs(world: CatalogWorld, name: string): Promise<number> {
  const { startedAt } = await findBackup(world.target, name);
  return Math.max(Date.parse(startedAt ?? ""), world.model.get(name)?.check?.atMs ?? 0);
}

/** A deletion that was killed: it is gone, it says that it is being deleted, or nothing was done to it. */
export async function lookAfterDeletion(world: CatalogWorld, name: string): Promise<void> {
  const keys = await keysOf(world.target, `${name}/`);
  if (keys.length === 0) return void world.model.delete(name);
  const { state } = await findBackup(world.target, name);
  if (state === "deleting") note(world, name, { state: "deleting", stray: undefined });
}

/** Whether an earlier pass noted it a day ago, by a clock that was not turned back since; undefined without a stray. */
function isStrayDue(world: CatalogWorld, name: string): boolean | undefined {
  const stray = world.model.get(name)?.stray;
  if (stray === undefined) return undefined;
  const { bornMs, notedMs = Number.NaN } = stray;
  const now = nowMs(world);
  return notedMs <= now && now - notedMs >= DAY_MS && now - bornMs >= DAY_MS;
}

async function isStrayGone({ model, target }: CatalogWorld, name: string): Promise<boolean> {
  const stray = model.get(name)?.stray;
  return stray !== undefined && (await keysOf(target, stray.key)).length === 0;
}

/** What the pass has noted: of one that was killed nobody else knows how far it came. */
async function noteStray(world: CatalogWorld, name: string): Promise<void> {
  const stray = world.model.get(name)?.stray;
  if (stray === undefined) return;
  if (await isStrayGone(world, name)) return note(world, name, { stray: undefined });
  const noted = (await readCandidates(world.target)).find(({ key }) => key === stray.key);
  note(world, name, { stray: { ...stray, notedMs: noted && Date.parse(noted.since) } });
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
