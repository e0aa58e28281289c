/** A backup of several targets: the first is written, the others get copies, and none keeps another from its own. */
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { BackupError } from "../../src/core/errors.ts";
import { StorageError } from "../../src/core/contracts/storage.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { CatchUpStep } from "../../src/core/plan.ts";
import type { RunReport } from "../../src/core/report.ts";
import type { ClosedTarget } from "../../src/engine/places.ts";
import { bytesBody } from "../../src/io/body.ts";
import { anotherRun, backUp, closedTarget, openTestJob, toTarget } from "../support/engine-run.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { contentsOf, keysOf } from "../support/storage-content.ts";

const NAMES = ["default.a", "shop.b"];

/** One that is not there, whatever is asked. */
const AWAY: ClosedTarget = {
  name: "away",
  open: async () => {
    throw new StorageError("unavailable", "Cannot open the store: it is not there");
  },
};

const LEASES = ".milvus-backup/locks/s/";

function catchUpOf(backup: string, from: string, target: string): CatchUpStep {
  return { kind: "catch-up", id: `copy ${backup} to ${target}`, why: "it missed it", backup, from, target };
}

/** Without numbers, which are those of the collections together. */
function targetsOf({ targets = [] }: RunReport): readonly unknown[] {
  return targets.map(({ name, state, error }) => [name, state, error?.message]);
}

async function stateIn(storage: Storage): Promise<string | undefined> {
  return (await listBackups(storage))[0]?.state;
}

describe("runBackup() of several targets", () => {
  it("runBackup() copies what it has committed to every further target, and says so in steps and events", async () => {
    const [nas, offsite, lab] = [openMemory(), openMemory(), openMemory()];
    await using job = await openTestJob({ collections: NAMES, target: nas });
    const report = await backUp(job, { copyTo: [closedTarget("offsite", offsite), closedTarget("lab", lab)] });
    const { objects = 0, bytes = 0 } = report.targets?.[0] ?? {};
    const whole = { state: "complete", objects, bytes } as const;
    expect([report.state, report.exitStatus, objects > 0, report.targets]).toEqual([
      "complete",
      0,
      true,
      ["nas", "offsite", "lab"].map((name) => ({ name, ...whole })),
    ]);
    expect(await contentsOf(offsite, "b1/")).toEqual(await contentsOf(nas, "b1/"));
    expect(await contentsOf(lab, "b1/")).toEqual(await contentsOf(nas, "b1/"));
    const told = job.run.events.flatMap((event) => {
      if (event.type === "backup.committed" || event.type === "run.finished") return [event.type];
      return event.type === "target.finished" ? [`${event.name} ${event.state}`] : [];
    });
    expect([told[0], told.slice(1, 3).toSorted(), told[3]]).toEqual([
      "backup.committed",
      ["lab complete", "offsite complete"],
      "run.finished",
    ]);
  });

  it("runBackup() is partial when a further target is away, and copies to the others", async () => {
    const offsite = openMemory();
    await using job = await openTestJob({ collections: NAMES });
    const report = await backUp(job, { copyTo: [AWAY, closedTarget("offsite", offsite)] });
    expect([report.state, report.exitStatus, targetsOf(report), await stateIn(offsite)]).toEqual([
      "partial",
      3,
      [
        ["nas", "complete", undefined],
        ["away", "failed", "Cannot open the store: it is not there"],
        ["offsite", "complete", undefined],
      ],
      "complete",
    ]);
  });

  it("runBackup() is partial when a further target dies in the middle: there it failed", async () => {
    const offsite = openMemory();
    const dying = failingStorage(
      offsite,
      failOn("full", ({ kind, key }) => kind === "write" && key.includes("insert_log/300/302")),
    );
    await using job = await openTestJob({ collections: NAMES });
    const report = await backUp(job, { copyTo: [closedTarget("offsite", dying)] });
    expect([report.exitStatus, targetsOf(report), await stateIn(offsite), await stateIn(job.target.storage)]).toEqual([
      3,
      [
        ["nas", "complete", undefined],
        ["offsite", "failed", expect.stringMatching(/^Cannot write "b1\/binlogs\/insert_log\/300\/302/)],
      ],
      "failed",
      "complete",
    ]);
  });

  it("runBackup() leaves what has its name in a further target", async () => {
    const offsite = openMemory();
    await offsite.write("b1/readme", bytesBody("mine"));
    await using job = await openTestJob({ collections: NAMES });
    const report = await backUp(job, { copyTo: [closedTarget("offsite", offsite)] });
    expect([report.exitStatus, report.targets?.[1]?.error?.code, await keysOf(offsite)]).toEqual([
      3,
      "refused",
      ["b1/readme"],
    ]);
  });

  it("runBackup() copies nothing of what it could not commit", async () => {
    const offsite = openMemory();
    const nas = failingStorage(
      openMemory(),
      failOn("full", ({ kind, key }) => kind === "write" && key.endsWith("backup_meta.json")),
    );
    await using job = await openTestJob({ collections: NAMES, target: nas });
    const report = await backUp(job, { copyTo: [closedTarget("offsite", offsite)] });
    expect([report.state, report.exitStatus, await keysOf(offsite)]).toEqual(["failed", 1, []]);
    expect(targetsOf(report)[1]).toEqual(["offsite", "failed", "there is nothing to copy from nas"]);
  });

  it("runBackup() copies a partial backup as what it is", async () => {
    const offsite = openMemory();
    const nas = openMemory();
    const failing = failingStorage(
      nas,
      failOn("full", ({ kind, key }) => kind === "write" && key.includes("insert_log/300/")),
    );
    await using job = await openTestJob({ collections: NAMES, target: failing });
    const report = await backUp(job, { copyTo: [closedTarget("offsite", offsite)] });
    expect([report.state, report.exitStatus, report.targets?.map(({ state }) => state)]).toEqual([
      "partial",
      3,
      ["partial", "partial"],
    ]);
    expect([await stateIn(offsite), await contentsOf(offsite, "b1/")]).toEqual([
      "partial",
      await contentsOf(nas, "b1/"),
    ]);
  });

  it("runBackup() that is stopped in a copy is interrupted, and has its backup in the first target", async () => {
    const controller = new AbortController();
    const offsite = openMemory();
    const stopping = failingStorage(offsite, ({ kind, key }) => {
      if (kind === "write" && key.includes("binlogs")) controller.abort(new BackupError("interrupted", "stopped"));
      return undefined;
    });
    const lab = openMemory();
    await using job = await openTestJob({ collections: NAMES, signal: controller.signal });
    const report = await backUp(
      { ...job, limits: { ...job.limits, collections: 1 } },
      {
        copyTo: [closedTarget("offsite", stopping), closedTarget("lab", lab)],
      },
    );
    expect([report.state, report.exitStatus, targetsOf(report)]).toEqual([
      "interrupted",
      130,
      [
        ["nas", "complete", undefined],
        ["offsite", "interrupted", expect.any(String)],
        ["lab", "interrupted", "the run was stopped before it was copied"],
      ],
    ]);
    expect([await stateIn(offsite), await keysOf(lab), await stateIn(job.target.storage)]).toEqual([
      "interrupted",
      [],
      "complete",
    ]);
  });

  it("runBackup() brings several backups that a target missed, each under a lease that another's end does not take", async () => {
    const nas = openMemory();
    await using job = await openTestJob({ collections: NAMES, target: nas });
    for (const backup of ["b1", "b2"]) await backUp(anotherRun(job), { backup });
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const offsite = openMemory();
    const watched: Storage = {
      ...offsite,
      write: async (key, body, options) => {
        if (key.startsWith("b2/meta/objects/")) await ended;
        return offsite.write(key, body, options);
      },
      delete: async (keys, call) => {
        const deleted = await offsite.delete(keys, call);
        if (keys.some((key) => key.startsWith(LEASES))) end();
        return deleted;
      },
    };
    const catchUp = ["b1", "b2"].map((backup) => catchUpOf(backup, "nas", "offsite"));
    const report = await backUp(job, { backup: "b3", catchUp, copyTo: [closedTarget("offsite", watched)] });
    expect([report.state, report.summary]).toEqual(["complete", expect.any(String)]);
    expect((await listBackups(offsite)).map(({ name, state }) => [name, state])).toEqual(
      ["b3", "b2", "b1"].map((name) => [name, "complete"]),
    );
    expect(await keysOf(offsite, LEASES)).toEqual([]);
  });

  it("runBackup() keeps its lease in the target that it writes when that one is caught up, too, and has one where it reads", async () => {
    const [nas, offsite] = [openMemory(), openMemory()];
    await using job = await openTestJob({ collections: NAMES, target: nas });
    await backUp(anotherRun(job, offsite));
    const during = new Set<string>();
    const watching = (storage: Storage, prefix: string): Storage => ({
      ...storage,
      write: async (key, body, options) => {
        if (key.startsWith(prefix)) during.add(String([await keysOf(nas, LEASES), await keysOf(offsite, LEASES)]));
        return storage.write(key, body, options);
      },
    });
    const watched = { ...job, target: toTarget("nas", watching(nas, "b1/binlogs/")) };
    const further = closedTarget("offsite", watching(offsite, "b2/binlogs/"));
    const catchUp = [catchUpOf("b1", "offsite", "nas")];
    const report = await backUp(watched, { backup: "b2", catchUp, copyTo: [further] });
    expect(report.state).toBe("complete");
    const lease = `${LEASES}${job.run.runId}`;
    expect(during).toEqual(new Set([`${lease},${lease}`]));
    expect([await keysOf(nas, LEASES), await keysOf(offsite, LEASES)]).toEqual([[], []]);
  });
});
