import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { findLastRun, isKnownTarget, listRunEntries, writeRunEntry } from "../../src/catalog/run-history.ts";
import { RUNS_KEPT } from "../../src/core/rotate-runs.ts";
import { parseRunKey, runKey } from "../../src/format/run-history.ts";
import { bytesBody } from "../../src/io/body.ts";
import { runEntry } from "../support/run-entries.ts";
import { keysOf } from "../support/storage-content.ts";

const NOW = new Date("2026-11-28T12:00:00.000Z");
const at = (minute: number): string => new Date(NOW.getTime() + minute * 60_000).toISOString();
const FOLDER = ".milvus-backup/history/runs/nightly/";

describe("the records of runs in a target", () => {
  it("writeRunEntry() keeps what listRunEntries() gives back, the newest first, of one policy", async () => {
    const storage = openMemory();
    const entries = [
      runEntry(at(2)),
      runEntry(at(1)),
      runEntry(at(3), { policy: "hourly" }),
      runEntry(at(4), { policy: undefined }),
    ];
    for (const entry of entries) await writeRunEntry(storage, entry, { now: NOW });
    expect(await listRunEntries(storage, { policy: "nightly" })).toEqual([entries[0], entries[1]]);
    expect(await listRunEntries(storage, { policy: "nightly", since: at(2) })).toEqual([entries[0]]);
    expect(await listRunEntries(storage, { policy: undefined })).toEqual([entries[3]]);
    expect(await keysOf(storage, FOLDER)).toHaveLength(2);
  });

  it("writeRunEntry() puts a later word on a run in place of the earlier one", async () => {
    const storage = openMemory();
    for (const exitStatus of [0, 1] as const)
      await writeRunEntry(storage, runEntry(at(1), { exitStatus }), { now: NOW });
    expect(await listRunEntries(storage, { policy: "nightly" })).toMatchObject([{ exitStatus: 1 }]);
  });

  it("writeRunEntry() lets the oldest go, and nothing but records of that policy", async () => {
    const storage = openMemory();
    const others = [
      `${FOLDER}README`,
      `${FOLDER}20200101T000000000Z_r1.json/x`,
      runKey(runEntry("2020-01-01T00:00:00.000Z", { policy: "hourly" })),
    ];
    for (const key of others) await storage.write(key, bytesBody("kept"));
    for (let index = 0; index < RUNS_KEPT; index++) {
      await storage.write(runKey(runEntry(at(index))), bytesBody("{}"));
    }
    await writeRunEntry(storage, runEntry(at(RUNS_KEPT)), { now: NOW });
    const keys = await keysOf(storage);
    expect([keys.length, keys.includes(runKey(runEntry(at(0)))), keys.includes(runKey(runEntry(at(1))))]).toEqual([
      RUNS_KEPT + others.length,
      false,
      true,
    ]);
    expect(keys).toEqual(expect.arrayContaining(others));
  });

  it("listRunEntries() leaves out what is no record, and what a later release has written", async () => {
    const storage = openMemory();
    await storage.write(runKey(runEntry(at(1))), bytesBody("not JSON"));
    await storage.write(runKey(runEntry(at(2))), bytesBody(JSON.stringify({ ...runEntry(at(2)), formatVersion: 2 })));
    expect(await listRunEntries(storage, { policy: "nightly" })).toEqual([]);
  });

  it("findLastRun() is the newest backup, not a check", async () => {
    const storage = openMemory();
    expect(await findLastRun(storage, "nightly")).toBeUndefined();
    for (const entry of [runEntry(at(1)), runEntry(at(2)), runEntry(at(3), { action: "verify" })]) {
      await writeRunEntry(storage, entry, { now: NOW });
    }
    expect(await findLastRun(storage, "nightly")).toEqual(runEntry(at(2)));
  });

  it("isKnownTarget() knows where a run of ours has been", async () => {
    const storage = openMemory();
    await storage.write("b1/meta/backup_meta.json", bytesBody("{}"));
    expect(await isKnownTarget(storage)).toBe(false);
    await writeRunEntry(storage, runEntry(at(1)), { now: NOW });
    expect(await isKnownTarget(storage)).toBe(true);
  });
});

it("parseRunKey() is the inverse of runKey(), and refuses what is none of ours", () => {
  const times = fc.date({ min: new Date(0), max: new Date("2099-12-31T23:59:59.999Z"), noInvalidDate: true });
  fc.assert(
    fc.property(times, fc.stringMatching(/^[0-9a-z_]{1,40}$/), (date, runId) => {
      const startedAt = date.toISOString();
      const key = runKey({ policy: "night.ly", startedAt, runId });
      expect(parseRunKey(key)).toEqual({ key, startedAt, runId });
    }),
  );
  const strange = [
    "x.json",
    "20261128T120000Z_r1.json",
    "20261399T120000000Z_r1.json",
    "sub/20261128T120000000Z_r1.json",
  ];
  for (const name of strange) expect(parseRunKey(`${FOLDER}${name}`)).toBeUndefined();
  expect(parseRunKey(".milvus-backup/history/deletions/20261128T120000000Z_r1.json")).toBeUndefined();
});
