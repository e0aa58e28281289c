/** Real processes that contend for the locks of a target, one of them stopped past its lease at times. 1,000 of them: test/faults. */
import { expect, it } from "vitest";
import { openLocalTrack, openS3Track, runRaces } from "../support/race-tracks.ts";

it.each([
  ["a disk", openLocalTrack, { atOnce: 18, paused: 12, seed: 3 }],
  ["a bucket", openS3Track, { atOnce: 9, paused: 1, seed: 4 }],
])("of processes that contend for a target on %s at most one passes its look", async (_, open, races) => {
  await using track = await open();
  expect(await runRaces(track, races)).toBeGreaterThan(races.atOnce / 3);
});
