import { expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { formatReport } from "../../src/report/format-report.ts";
import { anotherRun, backUp, createTestRun, openTestJob } from "../support/engine-run.ts";
import type { TestJob } from "../support/engine-run.ts";
import { failingStorage } from "../support/failing-storage.ts";
import { keysOf } from "../support/storage-content.ts";
import { withoutRecords } from "../support/target-records.ts";

const HOUR = 3_600_000;

/** A run on a machine whose clock is set when the first object is written. */
async function openJumping(by: number): Promise<TestJob> {
  let offset = 0;
  const target = failingStorage(openMemory(), ({ kind, key }) => {
    if (kind === "write" && key.includes("binlogs/")) offset = by;
    return undefined;
  });
  const job = await openTestJob({ collections: ["default.a", "shop.b"], target });
  return { ...job, run: createTestRun("run_jump", { now: () => new Date(Date.now() + offset) }) };
}

it.each([5 * HOUR, -5 * HOUR])(
  "runBackup() is complete when the machine's clock is set by %i ms in its middle, and tells no absurd durations",
  async (by) => {
    await using job = await openJumping(by);
    const report = await backUp(job);
    expect([report.state, job.run.failures]).toEqual(["complete", []]);
    const took = job.run.events.flatMap((event) => (event.type === "step.finished" ? [event.ms] : []));
    expect(took.filter((ms) => ms < 0 || ms > HOUR)).toEqual([]);
    expect(formatReport(report)).not.toMatch(/-\d/);
    const { storage } = job.target;
    expect([
      (await listBackups(storage))[0]?.state,
      withoutRecords(await keysOf(storage, ".milvus-backup/locks/")),
    ]).toEqual(["complete", []]);
    expect((await backUp(anotherRun(job), { backup: "b2" })).state).toBe("complete");
  },
);
