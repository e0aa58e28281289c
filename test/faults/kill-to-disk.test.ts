/** SIGKILL of the real process at every event of a run and at every change of a disk, each with a real restore. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectSurvival, openKillSetting } from "../support/kill-matrix.ts";
import type { KillSetting } from "../support/kill-matrix.ts";
import { killAtChange, killAtEvent } from "../support/kill-run.ts";

let setting: KillSetting;

beforeAll(async () => {
  setting = await openKillSetting();
}, 60_000);

afterAll(() => setting[Symbol.asyncDispose](), 120_000);

it("killed at any of its events, a run to a disk loses nothing", async () => {
  const { workspace } = setting;
  let points = 0;
  let resumed = 0;
  for (let nth = 1; ; nth += 1) {
    const killed = await killAtEvent(workspace, "run nightly", nth);
    if (!killed.wasKilled) break;
    points += 1;
    const restoreAs = `event_${nth}`;
    if (await expectSurvival(setting, { policy: "nightly", killed, restoreAs })) resumed += 1;
  }
  expect(points).toBeGreaterThan(10);
  expect(resumed).toBeGreaterThan(points / 3);
});

it("killed at any of its changes of a disk, a run loses nothing", async () => {
  const { workspace } = setting;
  let points = 0;
  let resumed = 0;
  for (let nth = 1; ; nth += 1) {
    const killed = await killAtChange(workspace, "run nightly", nth);
    if (!killed.wasKilled) break;
    points += 1;
    const restoreAs = `change_${nth}`;
    if (await expectSurvival(setting, { policy: "nightly", killed, restoreAs })) resumed += 1;
  }
  expect(points).toBeGreaterThanOrEqual(30);
  expect(resumed).toBeGreaterThan(points / 3);
});
