/** Places that processes contend in, with three of them each. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "../../plugins/storage-local/index.ts";
import { s3 } from "../../plugins/storage-s3/index.ts";
import { deleteKeys } from "../../src/catalog/delete-backup.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { runRace } from "./lock-race.ts";
import type { RaceTrack } from "./lock-race.ts";
import { startRacer } from "./lock-racers.ts";
import { createRandom } from "./random.ts";
import { sandboxEnv } from "./sandbox.ts";
import { keysOf } from "./storage-content.ts";

type OpenTrack = RaceTrack & AsyncDisposable;

export async function openLocalTrack(): Promise<OpenTrack> {
  const path = await mkdtemp(join(tmpdir(), "milvus-backup-races-"));
  const options = { path, durable: false };
  const storage = await local.open(local.options.parse(options));
  const track = toTrack(storage, { type: "local", ...options }, { staleMs: 250, grainMs: 0 });
  return {
    ...track,
    [Symbol.asyncDispose]: async () => {
      await track[Symbol.asyncDispose]();
      await rm(path, { recursive: true });
    },
  };
}

/** Its service tells whole seconds of a single object. */
export async function openS3Track(): Promise<OpenTrack> {
  const { endpoint, bucket, key: accessKeyId, secret: secretAccessKey } = sandboxEnv().s3;
  const options = { endpoint, bucket, credentials: { accessKeyId, secretAccessKey } };
  const storage = await s3.open(s3.options.parse(options));
  const track = toTrack(storage, { type: "s3", ...options }, { staleMs: 2000, grainMs: 1000 });
  return {
    ...track,
    [Symbol.asyncDispose]: async () => {
      await track[Symbol.asyncDispose]();
      await deleteKeys(storage, await keysOf(storage, "race_"));
      await storage[Symbol.asyncDispose]();
    },
  };
}

function toTrack(storage: Storage, place: object, times: Pick<RaceTrack, "staleMs" | "grainMs">): OpenTrack {
  const racers = [1, 2, 3].map(() => startRacer(place));
  return {
    storage,
    racers,
    ...times,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(racers.map((racer) => racer[Symbol.asyncDispose]()));
    },
  };
}

export interface Races {
  readonly atOnce: number;
  /** Those whose first one is stopped past its lease. */
  readonly paused: number;
  readonly seed: number;
}

/** Runs them one after another; gives back in how many of those at once somebody passed. */
export async function runRaces(track: RaceTrack, { atOnce, paused, seed }: Races): Promise<number> {
  let won = 0;
  for (let nth = 0; nth < atOnce + paused; nth += 1) {
    const isPaused = nth >= atOnce;
    const name = `${seed}_${nth}`;
    try {
      const passed = await runRace(track, { name, isPaused, random: createRandom(seed * 10_000 + nth) });
      if (!isPaused && passed > 0) won += 1;
    } catch (error) {
      throw new Error(`race ${name}`, { cause: error });
    }
  }
  return won;
}
