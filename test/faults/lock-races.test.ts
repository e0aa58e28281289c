/** 1,000 races of real processes for the locks of a target, of which 350 with a holder that is stopped past its lease. */
import { expect, it } from "vitest";
import { openLocalTrack, openS3Track, runRaces } from "../support/race-tracks.ts";

it.each([
  ["a disk", openLocalTrack, { atOnce: 450, paused: 250, seed: 1 }],
  ["a bucket", openS3Track, { atOnce: 200, paused: 100, seed: 2 }],
])("of processes that contend for a target on %s at most one passes its look", async (_, open, races) => {
  await using track = await open();
  expect(await runRaces(track, races)).toBeGreaterThan(races.atOnce / 2);
});
