/** What can happen to a target, and what the model makes of it. An action is a row of ACTIONS. */
import { expect } from "vitest";
import { deleteBackup } from "../../src/catalog/delete-backup.ts";
import { findBackup } from "../../src/catalog/open-backup.ts";
import { removePin, writePin } from "../../src/catalog/pins.ts";
import { planDelete } from "../../src/core/delete-plan.ts";
import { runDelete } from "../../src/engine/delete.ts";
import { bytesBody, readBytes } from "../../src/io/body.ts";
import { lookAfterDeletion, UPKEEP } from "./catalog-upkeep.ts";
import { jobOf, note, nowMs, payloadIn, pick, POLICY, WHOLE } from "./catalog-world.ts";
import type { Action, CatalogWorld } from "./catalog-world.ts";
import { backUp, resumeB1 } from "./engine-run.ts";
import { failingStorage, killedAfter } from "./failing-storage.ts";
import { keysOf } from "./storage-content.ts";

const HOUR_MS = 3_600_000;

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
    const report = await resumeB1(jobOf(world), name, { policy: POLICY });
    if (before?.state !== "unfinished") expect(report).toBeUndefined();
    if (report === undefined) return;
    expect(report.state).toBe("complete");
    note(world, name, { state: "whole", isCorrupt: false }); // what was corrupt is found, and copied again
  },
  "kill a resumption": async (world) => {
    const name = pick(world, ["unfinished"]);
    if (name === undefined) return;
    const { target, changes } = world;
    const killed = failingStorage(target, killedAfter(2 + world.random(changes.length / 2)));
    await resumeB1(jobOf(world, killed), name, { policy: POLICY });
    const keys = await keysOf(target, `${name}/meta/`);
    if (keys.includes(`${name}/meta/backup_meta.json`)) note(world, name, { state: "whole", isCorrupt: false });
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
    note(world, name, { isCorrupt });
  },
  pin: async (world) => {
    const name = pick(world, ["whole", "unfinished"]);
    if (name === undefined) return;
    await writePin(world.target, { backup: name, pin: { at: new Date(nowMs(world)).toISOString(), reason: "audit" } });
    note(world, name, { isPinned: true });
  },
  unpin: async (world) => {
    const pinned = [...world.model].filter(([, { isPinned }]) => isPinned).map(([name]) => name);
    const name = pinned[world.random(pinned.length)];
    if (name === undefined) return;
    await removePin(world.target, name);
    note(world, name, { isPinned: false });
  },
  ...UPKEEP,
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
