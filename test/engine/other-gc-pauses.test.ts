import { describe, expect, it } from "vitest";
import { listGcPauses, writeGcPause } from "../../src/catalog/gc-pauses.ts";
import type { GcPauseRecord } from "../../src/format/gc-pause-record.ts";
import { bytesBody } from "../../src/io/body.ts";
import { identifyProcess } from "../../src/io/process-identity.ts";
import { startFakeManagement } from "../support/fake-management.ts";
import type { FakeManagement } from "../support/fake-management.ts";
import { MINUTE, pausedFor, settingOf, START } from "../support/gc-setting.ts";
import { keysOf } from "../support/storage-content.ts";

/** What a run of another process has left. */
function recordOf(fake: FakeManagement, given: Partial<GcPauseRecord> = {}): GcPauseRecord {
  return {
    formatVersion: 1,
    runId: "run_0",
    management: fake.url,
    tickets: [null],
    until: new Date(START + 10 * MINUTE).toISOString(),
    aliveAt: new Date(START - 5 * MINUTE).toISOString(),
    process: { system: "elsewhere", pid: 1 },
    ...given,
  };
}

/** One of this system that is not there: no system has so many. */
async function goneProcess(): Promise<GcPauseRecord["process"]> {
  const own = await identifyProcess();
  return own && { ...own, pid: 999_999_999 };
}

describe("withGcPause() and other runs", () => {
  it.each([
    ["of this machine whose process is gone", async () => ({ process: await goneProcess() })],
    ["that has been silent for long", async () => ({ aliveAt: new Date(START - 12 * MINUTE).toISOString() })],
  ])("a dead run %s: its pause is ended, and its record forgotten", async (_, given) => {
    await using fake = await startFakeManagement("tickets");
    const setting = settingOf(fake);
    fake.pause("dead");
    await writeGcPause(setting.target, recordOf(fake, { tickets: ["dead"], ...(await given()) }));
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

  it("a record that is none is nobody's, and let be", async () => {
    await using fake = await startFakeManagement("all");
    const setting = settingOf(fake);
    const keys = ["a", "b"].map((id) => `.milvus-backup/runs/${id}/gc-pause.json`);
    for (const [index, text] of ["{", '{"formatVersion":2}'].entries()) {
      await setting.target.write(keys[index] ?? "", bytesBody(text));
    }
    await pausedFor(setting);
    expect([await listGcPauses(setting.target), await keysOf(setting.target, ""), [...fake.pauses]]).toEqual([
      [],
      keys,
      [],
    ]);
  });
});
