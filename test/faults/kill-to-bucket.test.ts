/** SIGKILL of the real process at every request to a bucket, each with a real restore. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { killEverywhere, openKillSetting } from "../support/kill-matrix.ts";
import type { KillSetting } from "../support/kill-matrix.ts";
import { killAtRequest } from "../support/kill-run.ts";

let setting: KillSetting;

beforeAll(async () => {
  setting = await openKillSetting();
}, 60_000);

afterAll(() => setting[Symbol.asyncDispose](), 120_000);

it("killed at any of its requests, a run to a bucket loses nothing", async () => {
  const kill = (nth: number) => killAtRequest(setting, "run remote", nth);
  const { points, resumed } = await killEverywhere(setting, { policy: "remote", kill });
  expect(points).toBeGreaterThanOrEqual(30);
  expect(resumed).toBeGreaterThan(points / 2);
});
