/** Every request of a backup and a restore of a real Milvus × each thing that can befall it on the way; a sample is in test/sandbox. */
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLimit } from "../../src/io/limit.ts";
import { GRPC_FAULTS, openGrpcSetting } from "../support/grpc-matrix.ts";
import type { GrpcSetting } from "../support/grpc-matrix.ts";
import type { Befallen } from "../support/grpc-place.ts";
import { startOwnMilvus } from "../support/own-milvus.ts";
import type { OwnMilvus } from "../support/own-milvus.ts";
import { sandboxEnv } from "../support/sandbox.ts";

/** Before each of two Milvus, each with a proxy and databases of its own: Milvus begins one import every two seconds. */
const LANES = 3;

const free: GrpcSetting[] = [];
const lanes = createLimit(2 * LANES);
let own: OwnMilvus;
let asked: Awaited<ReturnType<GrpcSetting["learn"]>>;

beforeAll(async () => {
  own = await startOwnMilvus();
  const milvuses = Array.from({ length: LANES }, () => [sandboxEnv().local, own]).flat();
  free.push(...(await Promise.all(milvuses.map(openGrpcSetting))));
  asked = await inLane((setting) => setting.learn());
}, 120_000);

afterAll(async () => {
  for (const setting of free) await setting[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
}, 60_000);

function inLane<T>(work: (setting: GrpcSetting) => Promise<T>): Promise<T> {
  return lanes(async () => {
    const setting = free.pop();
    if (setting === undefined) throw new TypeError("There are as many settings as lanes");
    return await work(setting).finally(() => free.push(setting));
  });
}

/** Each of them, also after one that failed: what failed is told at the end. */
async function befallEach(action: keyof typeof asked, kind: Omit<Befallen, "rpc">): Promise<void> {
  const failures: string[] = [];
  const befall = async (setting: GrpcSetting, rpc: string): Promise<void> => {
    const startedAt = performance.now();
    const end = await setting[action]({ ...kind, rpc }).catch((error: unknown) => {
      failures.push(`${rpc}: ${String(error)}`);
      return String(error);
    });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stderr.write(`${action} ${kind.fault} ${kind.often} ${rpc}: ${end}, ${seconds} s\n`);
  };
  await Promise.all([...asked[action]].map((rpc) => inLane((setting) => befall(setting, rpc))));
  expect(failures).toEqual([]);
}

describe.concurrent.each(GRPC_FAULTS)("$fault, $often", (kind) => {
  it("a backup is whole or goes on, whichever of its requests that befalls", async () => {
    expect(asked.backUp.size).toBeGreaterThan(10);
    await befallEach("backUp", kind);
  });

  it("a restore is whole or goes on and leaves nothing, whichever of its requests that befalls", async () => {
    expect(asked.restore.size).toBeGreaterThan(14);
    await befallEach("restore", kind);
  });

  it("a restore that replaces and loads leaves the old one or the new one, whichever of its further requests that befalls", async () => {
    expect(asked.replace.size).toBeGreaterThan(3);
    await befallEach("replace", kind);
  });
});
