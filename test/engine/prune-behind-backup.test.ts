/** What a run prunes behind a backup that did not become one: older failed ones, and no good one. */
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { planBackup } from "../../src/core/backup-plan.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { RunReport } from "../../src/core/report.ts";
import { toRetention } from "../../src/core/retention-defaults.ts";
import { runBackup } from "../../src/engine/backup.ts";
import { executeRun } from "../../src/engine/execute-run.ts";
import { listInventory } from "../../src/engine/inventory.ts";
import { META_KEYS, MANIFEST_KEY } from "../../src/format/keys.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import type { Manifest } from "../../src/format/manifest.ts";
import { closedTarget, openTestJob } from "../support/engine-run.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { manifestOf } from "../support/manifests.ts";
import { writeAll } from "../support/storage-content.ts";

const POLICY = { name: "nightly", digest: "d" };

async function writeBackup(storage: Storage, name: string, given: Partial<Manifest>): Promise<void> {
  const daysAgo = Number(name.slice(-1));
  const startedAt = new Date(Date.now() - daysAgo * 86_400_000).toISOString();
  const manifest = encodeManifest(manifestOf(name, { policy: POLICY, startedAt, ...given }));
  const meta =
    given.state === "failed" ? [] : [META_KEYS.full, META_KEYS.backup].map((key) => [`${name}/${key}`, "{}"]);
  await writeAll(storage, { [`${name}/${MANIFEST_KEY}`]: manifest, ...Object.fromEntries(meta) });
}

/** A run of nightly into a target with two good backups, and a failed one between them. */
async function runNightly(target: Storage, spoil: (storage: Storage) => Storage): Promise<RunReport> {
  await writeBackup(target, "good_9", {});
  await writeBackup(target, "failed_5", { state: "failed" });
  await writeBackup(target, "good_2", {});
  await using job = await openTestJob({ collections: ["default.a"], target: spoil(target) });
  const { collections: inventory } = await listInventory(job.source.milvus);
  const names = { backup: "tonight", source: "prod", target: "nas", policy: "nightly" };
  const planned = planBackup({ ...names, select: { include: ["*.*"], exclude: [] }, consistency: "flush", inventory });
  const plan = {
    ...planned,
    steps: [...planned.steps, { kind: "prune", id: "prune nas", why: "retention", target: "nas" } as const],
  };
  const group = {
    policy: "nightly",
    source: "prod",
    target: closedTarget("nas", target),
    retention: toRetention({ keep: { last: 1 } }),
    required: [],
  };
  const options = { consistency: "flush", policy: POLICY, asked: "a digest", prunes: [group] } as const;
  return await executeRun(job.run, "backup", () => runBackup(plan, job, options));
}

function failWriting(key: string): (storage: Storage) => Storage {
  return (storage) =>
    failingStorage(
      storage,
      failOn("full", (operation) => operation.kind === "write" && operation.key.includes(key)),
    );
}

describe("runBackup() with retention", () => {
  it.each([
    ["its commit fails", "tonight/meta/full_meta.json"],
    ["no collection becomes whole", "tonight/binlogs/"],
  ])("runBackup() takes older failed backups, and no good one, when %s", async (_, key) => {
    const target = openMemory();
    const report = await runNightly(target, failWriting(key));
    expect([report.state, report.exitStatus]).toEqual(["failed", 1]);
    expect(report.prunes).toMatchObject([{ target: "nas", deleted: ["failed_5"] }]);
    expect(report.prunes?.[0]?.verdicts).toMatchObject([
      { name: "tonight", verdict: "keep" },
      { name: "good_2", verdict: "keep" },
      { name: "failed_5", verdict: "prune" },
      { name: "good_9", verdict: "keep", reasons: ["the backup of this run is not complete, or a check of it failed"] },
    ]);
  });

  it("runBackup() takes good ones as well behind a whole backup", async () => {
    const report = await runNightly(openMemory(), (storage) => storage);
    expect(report).toMatchObject({ state: "complete", prunes: [{ deleted: ["failed_5", "good_9"] }] });
  });

  it("runBackup() prunes nothing when the backup could not even begin", async () => {
    const report = await runNightly(openMemory(), failWriting("tonight/meta/manifest.json"));
    expect([report.state, report.prunes]).toEqual(["failed", undefined]);
  });
});
