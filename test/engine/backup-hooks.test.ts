import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { openBackup } from "../../src/catalog/open-backup.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { BackupError } from "../../src/core/errors.ts";
import type { RunReport } from "../../src/core/report.ts";
import { collect } from "../support/collect.ts";
import { backUp, openTestJob } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { frameOf, hookOf, hostOf } from "../support/hook-host.ts";
import type { HookActs } from "../support/hook-host.ts";

const NAMES = ["default.a", "shop.b", "shop.c"];
const scope = "collection" as const;

async function backUpWith(job: TestJob, act: HookActs, given: Parameters<typeof hookOf>[1] = {}): Promise<RunReport> {
  const hooks = [hookOf("h", { scope, before: true, after: true, ...given })];
  return await backUp(job, { hooks: frameOf(hostOf(job.run, { hooks, act })) });
}

async function namesIn(target: Storage): Promise<readonly string[]> {
  const { collections } = await openBackup(target, "b1");
  return (await collect(collections)).map((meta) => meta.collection_name).toSorted();
}

const statesOf = ({ collections }: RunReport): readonly string[] =>
  collections
    .map(({ collection: { name }, state, error }) => `${name} ${state}${error ? `: ${error.message}` : ""}`)
    .toSorted();

describe("hooks around collections", () => {
  it("each collection has its own, told its name and how it ended", async () => {
    await using job = await openTestJob({ collections: NAMES });
    const told: string[] = [];
    const report = await backUpWith(job, (_, { facts: { on, collection } }, outcome) => {
      told.push(`${on} ${collection?.database}.${collection?.name} ${outcome?.state} ${outcome?.rows}`);
    });
    expect([report.state, report.exitStatus]).toEqual(["complete", 0]);
    expect(told.toSorted()).toEqual([
      ...NAMES.map((name) => `after ${name} complete 12`),
      ...NAMES.map((name) => `before ${name} undefined undefined`),
    ]);
  });

  it("a before that fails is the failure of its collection: the backup is partial and says why", async () => {
    const target = openMemory();
    await using job = await openTestJob({ collections: NAMES, target });
    const report = await backUpWith(job, (_, { facts }) => {
      if (facts.on === "before" && facts.collection?.name === "b") throw new Error("busy");
    });
    const reason = "The hook h (before collection) failed: busy";
    expect([report.state, report.exitStatus, report.errors]).toEqual(["partial", 3, []]);
    expect(statesOf(report)).toEqual(["a complete", `b failed: ${reason}`, "c complete"]);
    const manifest = await readManifest(target, "b1");
    expect(manifest?.collections.find(({ name }) => name === "b")).toMatchObject({ state: "failed", reason });
    expect(await namesIn(target)).toEqual(["a", "c"]);
  });

  it.each([
    ["asks to skip", (): { skip: true } => ({ skip: true }), {}],
    [
      "fails, which means skip",
      (): never => {
        throw new Error("busy");
      },
      { onError: "skip" as const },
    ],
  ])("a collection whose before %s is not in the backup, which is partial then", async (_, act, given) => {
    const target = openMemory();
    await using job = await openTestJob({ collections: NAMES, target });
    const states: unknown[] = [];
    const report = await backUpWith(
      job,
      (__, { facts }, outcome) => {
        if (facts.collection?.name !== "b") return undefined;
        if (facts.on === "before") return act();
        states.push(outcome?.state);
        return undefined;
      },
      given,
    );
    expect([report.state, report.exitStatus, states]).toEqual(["partial", 3, ["skipped"]]);
    expect(statesOf(report)[1]).toBe("b failed: Left out, as the hook h asks");
    expect(await namesIn(target)).toEqual(["a", "c"]);
  });

  it("a backup of which hooks leave nothing is none", async () => {
    const target = openMemory();
    await using job = await openTestJob({ collections: NAMES, target });
    const report = await backUpWith(job, () => ({ skip: true }));
    expect([report.state, report.exitStatus]).toEqual(["failed", 1]);
    await expect(openBackup(target, "b1")).rejects.toThrow(BackupError);
  });

  it("an after that fails makes the run failed; what was copied is in the backup", async () => {
    const target = openMemory();
    await using job = await openTestJob({ collections: NAMES, target });
    const report = await backUpWith(job, (_, { facts }) => {
      if (facts.on === "after" && facts.collection?.name === "b") throw new Error("busy");
    });
    expect([report.state, report.exitStatus, report.errors]).toEqual([
      "failed",
      1,
      [{ code: "failed", message: "The hook h (after collection) failed: busy" }],
    ]);
    expect(report.summary).toMatch(/^Backup b1 is complete: 3 collections, .*, but the hook h failed$/);
    expect(await namesIn(target)).toEqual(["a", "b", "c"]);
    expect(job.run.events.at(-1)).toMatchObject({ type: "run.finished", exitStatus: 1, summary: report.summary });
  });

  it("when the run is stopped in a before, its after runs, and the run is interrupted", async () => {
    const controller = new AbortController();
    await using job = await openTestJob({ collections: ["default.a"], signal: controller.signal });
    const states: unknown[] = [];
    const report = await backUpWith(job, (_, { facts }, outcome) => {
      if (facts.on === "before") controller.abort(new BackupError("interrupted", "The run was stopped by SIGINT"));
      else states.push(outcome?.state);
    });
    expect([report.state, report.exitStatus, states]).toEqual(["interrupted", 130, ["interrupted"]]);
  });
});
