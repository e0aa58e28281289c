/** SIGKILL of the real process at every event of a run and at every change of a disk, each with a real restore. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { killEverywhere, openKillSetting } from "../support/kill-matrix.ts";
import type { KillSetting } from "../support/kill-matrix.ts";
import { killAtChange, killAtEvent } from "../support/kill-run.ts";

let setting: KillSetting;

beforeAll(async () => {
  setting = await openKillSetting();
}, 60_000);

afterAll(() => setting[Symbol.asyncDispose](), 120_000);

it.each([
  ["events", killAtEvent, 11],
  ["changes of a disk", killAtChange, 30],
] as const)("killed at any of its %s, a run to a disk loses nothing", async (_, killAt, atLeast) => {
  const kill = (nth: number) => killAt(setting.workspace, "run nightly", nth);
  const { points, resumed } = await killEverywhere(setting, { policy: "nightly", kill });
  expect(points).toBeGreaterThanOrEqual(atLeast);
  expect(resumed).toBeGreaterThan(points / 3);
});
