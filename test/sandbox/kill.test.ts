/** SIGKILL of the real process: what is left is no backup, and the next run goes on with it. Everywhere: test/faults. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectSurvival, openKillSetting } from "../support/kill-matrix.ts";
import type { KillSetting } from "../support/kill-matrix.ts";
import { killAtChange, killAtRequest, killRun } from "../support/kill-run.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { reportOf } from "../support/workspace.ts";

let setting: KillSetting;

beforeAll(async () => {
  setting = await openKillSetting();
}, 60_000);

afterAll(() => setting[Symbol.asyncDispose](), 60_000);

it.each([
  { step: "copy", resumed: [true] },
  { step: "commit", resumed: [true, false] }, // the signal may come when it is committed
])(
  "a run that is killed at its $step is survived by its backups, and the next one goes on",
  async ({ step, resumed }) => {
    const { workspace } = setting;
    const killed = await killRun(workspace, "run nightly", (kill, events) => {
      const last = events.at(-1);
      const isAt =
        step === "copy"
          ? last?.type === "step.progress" && last.phase === "copy"
          : last?.type === "collection.finished";
      if (isAt) kill();
    });
    expect(killed.wasKilled).toBe(true);
    const isResumed = await expectSurvival(setting, {
      policy: "nightly",
      killed,
      restoreAs: `from_${step}`,
    });
    expect(resumed).toContain(isResumed);
  },
);

it("a run that is killed at a change of the disk is resumed by the next one, and restores", async () => {
  const killed = await killAtChange(setting.workspace, "run nightly", 20);
  expect(killed.wasKilled).toBe(true);
  const isResumed = await expectSurvival(setting, { policy: "nightly", killed, restoreAs: "from_change" });
  expect(isResumed).toBe(true);
});

it("a run that is killed at a request to a bucket is resumed by the next one, and restores", async () => {
  const killed = await killAtRequest(setting, "run remote", 24);
  expect(killed.wasKilled).toBe(true);
  const isResumed = await expectSurvival(setting, { policy: "remote", killed, restoreAs: "from_request" });
  expect(isResumed).toBe(true);
});

it("a restore that is killed while Milvus imports is resumed: every row once, and nothing of it is left", async () => {
  const { workspace, home, whole } = setting;
  const [backup] = whole;
  const into = workspace.database("resumed");
  const restore = `restore ${backup} --target disk --rename ${home}.*:${into}.*`;
  const killed = await killRun(workspace, restore, (kill, events) => {
    const last = events.at(-1);
    if (last?.type === "step.progress" && last.phase === "import") kill();
  });
  expect(killed.wasKilled).toBe(true);
  expect((await workspace.milvusBackup(restore)).status).toBe(15);
  const resumed = reportOf(await workspace.milvusBackup(`${restore} --resume --json`));
  expect([resumed.state, resumed.collections.map(({ state }) => state)]).toEqual([
    "complete",
    ["complete", "complete"],
  ]);
  const left = await readdir(sandboxEnv().local.root);
  expect(left).not.toContain(`restore_temp_${killed.events[0]?.runId}`);
  expect(await readdir(join(workspace.disk, ".milvus-backup", "runs")).catch(() => [])).toEqual([]);
});
