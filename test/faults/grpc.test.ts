/** Every request of a backup and a restore of a real Milvus × each thing that can befall it on the way; a sample is in test/sandbox. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { everyGrpcFault, openGrpcSetting } from "../support/grpc-matrix.ts";
import type { Befallen, GrpcSetting } from "../support/grpc-matrix.ts";

let setting: GrpcSetting;
let asked: Awaited<ReturnType<GrpcSetting["learn"]>>;

beforeAll(async () => {
  setting = await openGrpcSetting();
  asked = await setting.learn();
}, 120_000);

afterAll(() => setting[Symbol.asyncDispose](), 60_000);

/** Each of them, also after one that failed: what failed is told at the end. */
async function befallEach(faults: readonly Befallen[], run: (one: Befallen) => Promise<number>): Promise<void> {
  const failures: string[] = [];
  for (const one of faults) {
    const { rpc, often, fault } = one;
    await run(one).catch((error: unknown) => failures.push(`${rpc} ${often} ${fault}: ${String(error)}`));
  }
  expect(failures).toEqual([]);
}

it("a backup is whole or goes on, whatever befalls one of its requests", async () => {
  const faults = everyGrpcFault(asked.backup);
  expect(faults.length).toBeGreaterThan(60);
  await befallEach(faults, setting.backUp);
});

it("a restore is whole or goes on and leaves nothing, whatever befalls one of its requests", async () => {
  const faults = everyGrpcFault(asked.restore);
  expect(faults.length).toBeGreaterThan(80);
  await befallEach(faults, setting.restore);
});
