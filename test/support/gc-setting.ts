/** Work in a pause of a garbage collection, on a management port that is a fake and a clock that the test moves. */
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { PlannedGcPause } from "../../src/core/gc-pause.ts";
import type { RunReport } from "../../src/core/report.ts";
import { withGcPause } from "../../src/engine/gc-pause.ts";
import type { GcPause, GcPauseJob } from "../../src/engine/gc-pause.ts";
import { createManagement } from "../../src/milvus/management.ts";
import { createTestRun } from "./engine-run.ts";
import type { TestRun } from "./engine-run.ts";
import type { FakeManagement } from "./fake-management.ts";
import { createManualClock } from "./manual-clock.ts";
import type { ManualClock } from "./manual-clock.ts";
import { runReport } from "./reports.ts";

export const START = Date.parse("2026-11-24T02:00:00Z");
export const MINUTE = 60_000;
/** What a plan has where the pause can be had. */
export const REQUIRED: PlannedGcPause = { mode: "require", pauses: true, why: "" };
export const PREFERRED: PlannedGcPause = { ...REQUIRED, mode: "prefer" };

export interface GcSetting {
  readonly fake: FakeManagement;
  readonly job: GcPauseJob;
  readonly run: TestRun;
  readonly clock: ManualClock;
  readonly target: Storage;
}

export function settingOf(
  fake: FakeManagement,
  given: { target?: Storage; signal?: AbortSignal; runId?: string; now?: () => Date } = {},
): GcSetting {
  const { target = openMemory(), runId = "run_1", ...options } = given;
  const clock = createManualClock(START);
  const run = createTestRun(runId, { now: () => new Date(clock.now()), ...options });
  const management = createManagement({ url: fake.url, clock });
  return {
    fake,
    run,
    clock,
    target,
    job: { run, source: { milvus: { clock }, management }, target: { storage: target } },
  };
}

/** Does the work in a pause; a report of a backup that is whole comes of it. */
export async function pausedFor(
  { job }: GcSetting,
  work: (pause: GcPause) => Promise<unknown> = async () => undefined,
  planned = REQUIRED,
): Promise<RunReport> {
  return await withGcPause(job, planned, async (pause) => {
    await work(pause);
    return runReport();
  });
}
