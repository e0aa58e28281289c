/** SIGKILL of the real process at every request to a bucket, each with a real restore. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectSurvival, openKillSetting } from "../support/kill-matrix.ts";
import type { KillSetting } from "../support/kill-matrix.ts";
import { killAtRequest } from "../support/kill-run.ts";

let setting: KillSetting;

beforeAll(async () => {
  setting = await openKillSetting();
}, 60_000);

afterAll(() => setting[Symbol.asyncDispose](), 120_000);

it("killed at any of its requests, a run to a bucket loses nothing", async () => {
  let points = 0;
  let resumed = 0;
  for (let nth = 1; ; nth += 1) {
    const killed = await killAtRequest(setting, "run remote", nth);
    if (!killed.wasKilled) break;
    points += 1;
    const restoreAs = `request_${nth}`;
    if (await expectSurvival(setting, { policy: "remote", killed, restoreAs })) resumed += 1;
  }
  expect(points).toBeGreaterThanOrEqual(30);
  expect(resumed).toBeGreaterThan(points / 2);
});
