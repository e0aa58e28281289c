/** Every damaged backup of the corpus, as retention judges it and as garbage collection leaves it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { Verdict } from "../../src/core/retention.ts";
import { toRetention } from "../../src/core/retention-defaults.ts";
import { decidePrune } from "../../src/engine/decide-prune.ts";
import { runGc } from "../../src/engine/gc.ts";
import { decodeManifest, encodeManifest } from "../../src/format/manifest.ts";
import { bytesBody, readBytes } from "../../src/io/body.ts";
import { DAMAGED_BACKUPS } from "../support/damaged-backups.ts";
import type { DamagedBackup } from "../support/damaged-backups.ts";
import { backUp, closedTarget, createTestRun, openTestJob, toTarget } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { cloneStorage, contentsOf, keysOf, writeAll } from "../support/storage-content.ts";
import { verify } from "../support/verify-run.ts";

const BASE_MS = Date.parse("2026-11-01T00:00:00.000Z");
const DAY_MS = 86_400_000;
let job: TestJob;
/** With b1 of the policy nightly, of the first day. */
const nas = openMemory();

beforeAll(async () => {
  job = await openTestJob({ collections: ["default.a", "shop.b"], target: nas });
  expect((await backUp(job)).state).toBe("complete");
  await dateManifest(nas, "b1", 1);
});

afterAll(() => job[Symbol.asyncDispose]());

async function dateManifest(storage: Storage, name: string, day: number): Promise<void> {
  const key = `${name}/meta/manifest.json`;
  const manifest = decodeManifest(await readBytes((await storage.read(key)).body));
  const startedAt = new Date(BASE_MS + day * DAY_MS).toISOString();
  const dated = { ...manifest, backup: name, policy: { name: "nightly", digest: "d" }, startedAt };
  await writeAll(storage, { [key]: encodeManifest(dated) });
}

/** The damaged b1, and another whole backup of that day. */
async function openBeside({ damage }: DamagedBackup, other: string, day: number): Promise<Storage> {
  const storage = await cloneStorage(nas);
  for (const key of await keysOf(nas, "b1/")) {
    const bytes = await readBytes((await nas.read(key)).body);
    await storage.write(`${other}${key.slice("b1".length)}`, bytesBody(bytes));
  }
  await dateManifest(storage, other, day);
  await damage(storage);
  await verify(job, storage, { level: "checksum" });
  return storage;
}

async function verdictsIn(storage: Storage): Promise<ReadonlyMap<string, Verdict["verdict"]>> {
  const retention = toRetention({ keep: { last: 1 } });
  const group = { policy: "nightly", source: "prod", target: closedTarget("nas", storage), retention, required: [] };
  const run = createTestRun("decide", { now: () => new Date(BASE_MS + 30 * DAY_MS) });
  const { verdicts } = await decidePrune(group, run);
  return new Map(verdicts.map(({ name, verdict }) => [name, verdict]));
}

describe("retention", () => {
  it.each(DAMAGED_BACKUPS)("lets b1 go or not behind a newer whole backup when $name", async (one) => {
    const verdicts = await verdictsIn(await openBeside(one, "newer", 2));
    const expected = { goes: "prune", stays: "keep", "not-its": undefined }[one.prune];
    expect([verdicts.get("newer"), verdicts.get("b1")]).toEqual(["keep", expected]);
  });

  it.each(DAMAGED_BACKUPS)("keeps the older whole backup as long as the newest is not one, when $name", async (one) => {
    const verdicts = await verdictsIn(await openBeside(one, "older", 0));
    const isWhole = one.list === "complete" && one.checksum === "ok";
    expect([verdicts.get("older"), verdicts.get("b1") ?? "keep"]).toEqual([isWhole ? "prune" : "keep", "keep"]);
  });
});

describe("garbage collection", () => {
  it.each(DAMAGED_BACKUPS)("does what the corpus says, and harms no other backup, when $name", async (one) => {
    const storage = await openBeside(one, "other", 2);
    const [before, other] = [await contentsOf(storage, "b1/"), await contentsOf(storage, "other/")];
    const target = toTarget("nas", storage);
    const first = await runGc({ target, sources: [], minAgeMs: 0 }, createTestRun("gc_1"));
    const last = await runGc({ target, sources: [], minAgeMs: 0 }, createTestRun("gc_2"));
    expect([first.exitStatus, last.exitStatus, await contentsOf(storage, "other/")]).toEqual([0, 0, other]);
    const { unfinished = [], foreign = [], left = [] } = first.garbage ?? {};
    const lost = Object.keys(before).length - (await keysOf(storage, "b1/")).length;
    expect({ lost, unfinished, foreign, left: left.length > 0 }).toEqual({
      lost: { nothing: 0, stray: 1, finished: Object.keys(before).length, left: 0, foreign: 0 }[one.gc],
      unfinished: one.gc === "finished" ? ["b1"] : [],
      foreign: one.gc === "foreign" ? ["b1/"] : [],
      left: one.gc === "left",
    });
  });
});
