/** The frame around a backup, on a management port that is a fake and a clock that the test moves. */
import { hostname } from "node:os";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listGcPauses, writeGcPause } from "../../src/catalog/gc-pauses.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { BackupError } from "../../src/core/errors.ts";
import type { PlannedGcPause } from "../../src/core/gc-pause.ts";
import type { RunReport } from "../../src/core/report.ts";
import { withGcPause } from "../../src/engine/gc-pause.ts";
import type { GcPause, GcPauseJob } from "../../src/engine/gc-pause.ts";
import type { GcPauseRecord } from "../../src/format/gc-pause-record.ts";
import { createManagement } from "../../src/milvus/management.ts";
import { createTestRun } from "../support/engine-run.ts";
import type { TestRun } from "../support/engine-run.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { startFakeManagement } from "../support/fake-management.ts";
import type { FakeManagement } from "../support/fake-management.ts";
import { createManualClock } from "../support/manual-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { runReport } from "../support/reports.ts";
import { keysOf } from "../support/storage-content.ts";

const START = Date.parse("2026-11-24T02:00:00Z");
const MINUTE = 60_000;
const REQUIRED: PlannedGcPause = { mode: "require", pauses: true, why: "" };
const PREFERRED: PlannedGcPause = { ...REQUIRED, mode: "prefer" };

interface Setting {
  readonly fake: FakeManagement;
  readonly job: GcPauseJob;
  readonly run: TestRun;
  readonly clock: ManualClock;
  readonly target: Storage;
}

function settingOf(fake: FakeManagement, given: { target?: Storage; signal?: AbortSignal; runId?: string } = {}): Setting {
  const { target = openMemory(), runId = "run_1", ...options } = given;
  const clock = createManualClock(START);
  const run = createTestRun(runId, { ...options, now: () => new Date(clock.now()) });
  const management = createManagement({ url: fake.url, clock });
  return { fake, run, clock, target, job: { run, source: { milvus: { clock }, management }, target: { storage: target } } };
}

/** Does the work in a pause; a report of a backup that is whole comes of it. */
async function pausedFor(
  { job }: Setting,
  work: (pause: GcPause) => Promise<unknown> = async () => undefined,
  planned = REQUIRED,
): Promise<RunReport> {
  return await withGcPause(job, planned, async (pause) => {
    await work(pause);
    return runReport();
  });
}

const changesOf = ({ run }: Setting): readonly string[] =>
  run.events.flatMap((event) => (event.type === "gc.changed" ? [event.state] : []));

/** What a run of another process has left. */
function recordOf(fake: FakeManagement, given: Partial<GcPauseRecord> = {}): GcPauseRecord {
  return {
    formatVersion: 1,
    runId: "run_0",
    management: fake.url,
    tickets: [null],
    until: new Date(START + 10 * MINUTE).toISOString(),
    aliveAt: new Date(START - 5 * MINUTE).toISOString(),
    host: "elsewhere",
    pid: 1,
    ...given,
  };
}

describe("withGcPause()", () => {
  it.each(["all", "tickets"] as const)("on a server with %s: paused during the work, with a record; neither after it", async (kind) => {
    await using fake = await startFakeManagement(kind);
    const setting = settingOf(fake);
    const report = await pausedFor(setting, async (pause) => {
      expect([...fake.pauses.values()]).toEqual([900]);
      expect(await listGcPauses(setting.target)).toMatchObject([
        { runId: "run_1", management: fake.url, until: "2026-11-24T02:15:00.000Z", pid: process.pid },
      ]);
      expect(pause.outcome()).toEqual({
        mode: "require",
        state: "held",
        pausedAt: "2026-11-24T02:00:00.000Z",
        until: "2026-11-24T02:15:00.000Z",
      });
      await pause.release();
      expect([...fake.pauses]).toEqual([]);
    });
    const at = "2026-11-24T02:00:00.000Z";
    expect(report.gc).toEqual({ mode: "require", state: "held", pausedAt: at, releasedAt: at });
    expect([report.warnings, await keysOf(setting.target, "")]).toEqual([[], []]);
    expect(changesOf(setting)).toEqual(["paused", "released"]);
  });

  it("the pause is ended when the work fails, and when the run is stopped; what flies is the work's own", async () => {
    await using fake = await startFakeManagement("all");
    const failing = settingOf(fake);
    await expect(pausedFor(failing, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect([[...fake.pauses], changesOf(failing)]).toEqual([[], ["paused", "released"]]);
    const controller = new AbortController();
    const stopped = settingOf(fake, { signal: controller.signal });
    const work = async (): Promise<void> => {
      expect(fake.pauses.size).toBe(1);
      controller.abort(new BackupError("interrupted", "stopped"));
      controller.signal.throwIfAborted();
    };
    await expect(pausedFor(stopped, work)).rejects.toThrow("stopped");
    expect([[...fake.pauses], await keysOf(stopped.target, "")]).toEqual([[], []]);
  });

  it("the pause is renewed every five minutes, each time with one ticket, and the record follows", async () => {
    await using fake = await startFakeManagement("tickets");
    const setting = settingOf(fake);
    const report = await pausedFor(setting, async () => {
      for (const round of [1, 2, 3, 4]) {
        await setting.clock.asleep(1);
        expect([...fake.pauses.keys()]).toEqual([`ticket=${round}`]);
        setting.clock.advance(5 * MINUTE);
      }
      await setting.clock.asleep(1);
      expect(await listGcPauses(setting.target)).toMatchObject([
        { tickets: ["ticket=5"], until: "2026-11-24T02:35:00.000Z", aliveAt: "2026-11-24T02:20:00.000Z" },
      ]);
    });
    expect([report.gc?.state, report.warnings, [...fake.pauses]]).toEqual(["held", [], []]);
  });

  it("renewals that fail are a notice as long as the pause holds, and then a warning: what is copied was compared", async () => {
    await using fake = await startFakeManagement("all");
    const setting = settingOf(fake);
    const report = await pausedFor(setting, async (pause) => {
      await setting.clock.asleep(1);
      fake.trouble((path) => (path.startsWith("pause") ? [500, "busy"] : undefined));
      setting.clock.advance(5 * MINUTE);
      await setting.clock.asleep(1);
      expect(pause.outcome()?.state).toBe("held");
      setting.clock.advance(11 * MINUTE);
      await setting.clock.asleep(1);
      expect(pause.outcome()).toMatchObject({ state: "lapsed", lapsedAt: "2026-11-24T02:15:00.000Z" });
      fake.trouble(undefined);
      setting.clock.advance(MINUTE);
      await setting.clock.asleep(1);
      expect(fake.pauses.size).toBe(1);
    });
    expect([report.state, report.exitStatus, report.gc?.state]).toEqual(["complete", 0, "lapsed"]);
    expect(report.warnings).toEqual([
      expect.stringMatching(/was not sure to hold since 2026-11-24T02:15:00.000Z: .*busy; every file .* was compared$/),
    ]);
    expect(changesOf(setting)).toEqual(["paused", "lapsed", "paused", "released"]);
  });

  it("a process that did not run for longer than the pause knows that it lapsed", async () => {
    await using fake = await startFakeManagement("all");
    const setting = settingOf(fake);
    const report = await pausedFor(setting, async () => setting.clock.advance(16 * MINUTE));
    expect([report.gc?.state, report.gc?.reason]).toEqual(["lapsed", "this process did not run for long"]);
  });

  it("require refuses before anything is written when it cannot pause; prefer does the work, and warns", async () => {
    await using fake = await startFakeManagement("all");
    fake.trouble(() => [404, "not found"]);
    const required = settingOf(fake);
    let works = 0;
    const work = async (): Promise<unknown> => (works += 1);
    const refusal = await pausedFor(required, work).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "refused", message: expect.stringContaining("answers 404 to pause") });
    expect([works, await keysOf(required.target, "")]).toEqual([0, []]);
    const preferred = settingOf(fake);
    const report = await pausedFor(preferred, work, PREFERRED);
    expect([works, report.gc?.state, changesOf(preferred)]).toEqual([1, "not-paused", ["not-paused"]]);
    expect(report.warnings).toEqual([expect.stringMatching(/^garbage collection is not paused: .* answers 404 to pause$/)]);
    expect(fake.requests.some((path) => path.startsWith("resume"))).toBe(false);
  });

  it("nothing is asked where the plan has no pause", async () => {
    await using fake = await startFakeManagement("all");
    const report = await pausedFor(settingOf(fake), undefined, { mode: "prefer", pauses: false, why: "too old" });
    expect([report.gc, fake.requests]).toEqual([{ mode: "prefer", state: "not-paused", reason: "too old" }, []]);
    const plain = await withGcPause(settingOf(fake).job, undefined, async () => runReport());
    expect([plain.gc, fake.requests]).toEqual([undefined, []]);
  });

  it("a pause whose answer did not come is ended: the server may have heard", async () => {
    await using fake = await startFakeManagement("all");
    const controller = new AbortController();
    const setting = settingOf(fake, { signal: controller.signal });
    fake.trouble((path) => {
      if (!path.startsWith("pause")) return undefined;
      fake.pause("all");
      controller.abort(new BackupError("interrupted", "stopped"));
      return "hang";
    });
    await expect(pausedFor(setting)).rejects.toThrow("stopped");
    expect([[...fake.pauses], await keysOf(setting.target, "")]).toEqual([[], []]);
  });

  it("a pause is ended as well when its record cannot be written", async () => {
    await using fake = await startFakeManagement("tickets");
    const target = failingStorage(openMemory(), failOn("full", ({ kind }) => kind === "write"));
    await expect(pausedFor(settingOf(fake, { target }))).rejects.toThrow();
    expect([...fake.pauses]).toEqual([]);
  });

  it("what cannot be ended is a warning that says until when, and the next run ends it", async () => {
    await using fake = await startFakeManagement("tickets");
    const first = settingOf(fake);
    const report = await pausedFor(first, async () => fake.trouble(() => [500, "busy"]));
    expect([report.state, report.gc?.until, report.gc?.releasedAt]).toEqual(["complete", "2026-11-24T02:15:00.000Z", undefined]);
    expect(report.warnings).toEqual([
      "the pause of garbage collection was not ended; it ends by itself at 2026-11-24T02:15:00.000Z",
    ]);
    expect([changesOf(first), await listGcPauses(first.target)]).toMatchObject([["paused", "left"], [{ left: true }]]);
    fake.trouble(undefined);
    const next = settingOf(fake, { target: first.target, runId: "run_2" });
    await pausedFor(next, async () => expect([...fake.pauses.keys()]).toEqual(["ticket=2"]));
    expect([[...fake.pauses], await keysOf(next.target, "")]).toEqual([[], []]);
  });
});

describe("withGcPause() and other runs", () => {
  it.each([
    ["of this machine whose process is gone", { host: hostname(), pid: 999_999_999 }],
    ["that has been silent for long", { aliveAt: new Date(START - 12 * MINUTE).toISOString() }],
  ])("a dead run %s: its pause is ended, and its record forgotten", async (_, given) => {
    await using fake = await startFakeManagement("tickets");
    const setting = settingOf(fake);
    fake.pause("dead");
    await writeGcPause(setting.target, recordOf(fake, { tickets: ["dead"], ...given }));
    await pausedFor(setting, async () => expect([...fake.pauses.keys()]).toEqual(["ticket=1"]));
    expect(await keysOf(setting.target, "")).toEqual([]);
  });

  it("a dead run's pause that has ended by itself is only forgotten; one of another Milvus is let be", async () => {
    await using fake = await startFakeManagement("tickets");
    const setting = settingOf(fake);
    const past = new Date(START - MINUTE).toISOString();
    await writeGcPause(setting.target, recordOf(fake, { left: true, until: past, tickets: ["over"] }));
    await writeGcPause(setting.target, recordOf(fake, { left: true, runId: "run_x", management: "http://other:9091" }));
    await pausedFor(setting);
    expect(fake.requests.filter((path) => path.includes("over"))).toEqual([]);
    expect((await listGcPauses(setting.target)).map(({ runId }) => runId)).toEqual(["run_x"]);
  });

  it("the one pause for all is left to a run that lives and needs it; of its ticket nobody else makes use", async () => {
    await using fake = await startFakeManagement("all");
    const setting = settingOf(fake);
    fake.pause("all");
    await writeGcPause(setting.target, recordOf(fake));
    const report = await pausedFor(setting);
    expect([report.gc?.state, report.warnings, fake.pauses.size]).toEqual(["held", [], 1]);
    expect((await listGcPauses(setting.target)).map(({ runId }) => runId)).toEqual(["run_0"]);
    await using other = await startFakeManagement("tickets");
    other.pause("theirs");
    await writeGcPause(setting.target, recordOf(other, { tickets: ["theirs"] }));
    await pausedFor(settingOf(other, { target: setting.target }));
    expect([...other.pauses.keys()]).toEqual(["theirs"]);
  });
});
