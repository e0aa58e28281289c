import process from "node:process";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { listGcPauses } from "../../src/catalog/gc-pauses.ts";
import { BackupError } from "../../src/core/errors.ts";
import { withGcPause } from "../../src/engine/gc-pause.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { startFakeManagement } from "../support/fake-management.ts";
import { MINUTE, pausedFor, PREFERRED, settingOf } from "../support/gc-setting.ts";
import type { GcSetting } from "../support/gc-setting.ts";
import { runReport } from "../support/reports.ts";
import { keysOf } from "../support/storage-content.ts";

const changesOf = ({ run }: GcSetting): readonly string[] =>
  run.events.flatMap((event) => (event.type === "gc.changed" ? [event.state] : []));

describe("withGcPause()", () => {
  it.each(["all", "tickets"] as const)(
    "on a server with %s: paused during the work, with a record; neither after it",
    async (kind) => {
      await using fake = await startFakeManagement(kind);
      const setting = settingOf(fake);
      const report = await pausedFor(setting, async (pause) => {
        expect([...fake.pauses.values()]).toEqual([900]);
        expect(await listGcPauses(setting.target)).toMatchObject([
          { runId: "run_1", management: fake.url, until: "2026-11-24T02:15:00.000Z", process: { pid: process.pid } },
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
    },
  );

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

  it("a machine that was asleep for longer than the pause knows that it lapsed, though its clock of what it ran stood", async () => {
    await using fake = await startFakeManagement("all");
    let asleepMs = 0;
    const setting = settingOf(fake, { now: () => new Date(Date.parse("2026-11-24T02:00:00Z") + asleepMs) });
    const report = await pausedFor(setting, async () => void (asleepMs = 16 * MINUTE));
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
    expect(report.warnings).toEqual([
      expect.stringMatching(/^garbage collection is not paused: .* answers 404 to pause$/),
    ]);
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
    const target = failingStorage(
      openMemory(),
      failOn("full", ({ kind }) => kind === "write"),
    );
    await expect(pausedFor(settingOf(fake, { target }))).rejects.toThrow();
    expect([...fake.pauses]).toEqual([]);
  });

  it("what cannot be ended is a warning that says until when, and the next run ends it", async () => {
    await using fake = await startFakeManagement("tickets");
    const first = settingOf(fake);
    const report = await pausedFor(first, async () => fake.trouble(() => [500, "busy"]));
    expect([report.state, report.gc?.until, report.gc?.releasedAt]).toEqual([
      "complete",
      "2026-11-24T02:15:00.000Z",
      undefined,
    ]);
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
