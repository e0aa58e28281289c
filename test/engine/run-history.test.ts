/** Where the record of a run is left, and what becomes of the run when it cannot be. */
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listRunEntries } from "../../src/catalog/run-history.ts";
import { StorageError } from "../../src/core/contracts/storage.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { BackupError } from "../../src/core/errors.ts";
import type { RunReport } from "../../src/core/report.ts";
import { openRunHistory } from "../../src/engine/run-history.ts";
import type { HistoryOptions } from "../../src/engine/run-history.ts";
import { createRun } from "../../src/engine/run.ts";
import { bytesBody } from "../../src/io/body.ts";
import { keysOf } from "../support/storage-content.ts";

const NOW = new Date("2026-11-28T02:00:00.000Z");
const UNREACHABLE = new BackupError("unreachable", "Milvus is away, says s3cret");

function setUp(storages: Readonly<Record<string, Storage>>, more: Partial<HistoryOptions> = {}) {
  const targets = Object.entries(storages).map(([name, storage]) => {
    const opened = { name, storage, readableByMilvus: false, [Symbol.asyncDispose]: async () => {} };
    return { name, opened, open: async () => opened };
  });
  const run = createRun({
    runId: "20261128_020000_0a0b0c0d",
    signal: new AbortController().signal,
    now: () => NOW,
    display: { renderer: "silent" },
  });
  const history = openRunHistory({
    action: "backup",
    policy: "nightly",
    source: "prod",
    backup: "nightly_20261128_020000",
    targets,
    now: () => NOW,
    mask: (text) => text.replaceAll("s3cret", "***"),
    ...more,
  });
  return { run, history, targets };
}

function reportOf(state: "complete" | "failed", targets: readonly string[]): RunReport {
  return {
    version: 1,
    runId: "20261128_020000_0a0b0c0d",
    action: "backup",
    backup: "nightly_20261128_020000",
    target: "nas",
    state,
    exitStatus: state === "complete" ? 0 : 1,
    startedAt: NOW.toISOString(),
    finishedAt: NOW.toISOString(),
    collections: [],
    targets: targets.map((name) => ({ name, state: "complete", objects: 1, bytes: 1 })),
    errors: [],
    warnings: [],
    summary: "a sentence",
  };
}

async function used(): Promise<Storage> {
  const storage = openMemory();
  await storage.write(".milvus-backup/pins/b1", bytesBody("{}"));
  return storage;
}

const statesIn = async (storage: Storage) =>
  (await listRunEntries(storage, { policy: "nightly" })).map(({ state, exitStatus, summary }) => [
    state,
    exitStatus,
    summary,
  ]);

describe("openRunHistory()", () => {
  it("openRunHistory() records a run that did not reach a target where a run of ours has been, and nowhere else", async () => {
    const [nas, unmounted] = [await used(), openMemory()];
    const { run, history } = setUp({ nas, unmounted });
    expect(await history.finish(run, { error: UNREACHABLE })).toEqual([]);
    expect(await statesIn(nas)).toEqual([["failed", 14, "Milvus is away, says ***"]]);
    expect(await keysOf(unmounted)).toEqual([]);
  });

  it("openRunHistory() records a backup in each target that has it, and its end again when that is another one", async () => {
    const [nas, offsite, late] = [openMemory(), openMemory(), openMemory()];
    const { run, history, targets } = setUp({ nas, offsite, late });
    const [target] = targets;
    if (target === undefined) throw new Error("there is none");
    const report = reportOf("complete", ["nas", "offsite"]);
    expect(await history.within(run, target.opened, async () => report)).toBe(report);
    await history.finish(run, { report: { ...report, state: "failed", exitStatus: 1 } });
    for (const storage of [nas, offsite]) expect(await statesIn(storage)).toEqual([["failed", 1, "a sentence"]]);
    expect(await keysOf(late)).toEqual([]);
  });

  it("openRunHistory() leaves an empty place empty when what has no policy did not begin", async () => {
    const nas = openMemory();
    const { run, history, targets } = setUp({ nas }, { policy: undefined });
    const [target] = targets;
    if (target === undefined) throw new Error("there is none");
    await expect(history.within(run, target.opened, () => Promise.reject(UNREACHABLE))).rejects.toBe(UNREACHABLE);
    await history.finish(run, { error: UNREACHABLE });
    expect(await keysOf(nas)).toEqual([]);
  });

  it.each([
    { action: "backup", warnings: ["The run could not be recorded in nas: no, says ***"] },
    { action: "restore", warnings: [] },
  ] as const)(
    "openRunHistory() warns of a $action in a target that lets nobody write: $warnings",
    async ({ action, warnings }) => {
      const nas = await used();
      const refusing: Storage = { ...nas, write: () => Promise.reject(new StorageError("denied", "no, says s3cret")) };
      const { run, history } = setUp({ nas: refusing }, { action });
      expect(await history.finish(run, { report: reportOf("complete", []) })).toEqual(warnings);
    },
  );
});
