/** Every request of a backup and a restore of a real Milvus × each thing that can befall it on the way; a sample is in test/sandbox. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GRPC_FAULTS, openGrpcSetting } from "../support/grpc-matrix.ts";
import type { Befallen, GrpcSetting } from "../support/grpc-matrix.ts";

let setting: GrpcSetting;
let asked: Awaited<ReturnType<GrpcSetting["learn"]>>;

beforeAll(async () => {
  setting = await openGrpcSetting();
  asked = await setting.learn();
}, 120_000);

afterAll(() => setting[Symbol.asyncDispose](), 60_000);

/** Each of them, also after one that failed: what failed is told at the end. */
async function befallEach(
  rpcs: ReadonlySet<string>,
  kind: Omit<Befallen, "rpc">,
  run: (one: Befallen) => Promise<number>,
): Promise<void> {
  const failures: string[] = [];
  for (const rpc of rpcs) {
    await run({ ...kind, rpc }).catch((error: unknown) => failures.push(`${rpc}: ${String(error)}`));
  }
  expect(failures).toEqual([]);
}

/** A server that goes away in the middle of an import is waited for as long as one that stalls: twenty minutes. test/milvus/import has it. */
function isOutwaited(rpc: string, { often }: Omit<Befallen, "rpc">): boolean {
  return rpc === "GetImportState" && often === "always";
}

describe.each(GRPC_FAULTS)("$fault, $often", (kind) => {
  it("a backup is whole or goes on, whichever of its requests that befalls", async () => {
    expect(asked.backup.size).toBeGreaterThan(10);
    await befallEach(asked.backup, kind, setting.backUp);
  });

  it("a restore is whole or goes on and leaves nothing, whichever of its requests that befalls", async () => {
    expect(asked.restore.size).toBeGreaterThan(14);
    await befallEach(new Set([...asked.restore].filter((rpc) => !isOutwaited(rpc, kind))), kind, setting.restore);
  });
});
