/** A real Milvus behind a proxy that spoils an answer, each kind once; all of them for every request: test/faults. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { openGrpcSetting } from "../support/grpc-matrix.ts";
import type { GrpcSetting } from "../support/grpc-matrix.ts";

let setting: GrpcSetting;

beforeAll(async () => {
  setting = await openGrpcSetting();
}, 120_000);

afterAll(() => setting[Symbol.asyncDispose](), 60_000);

it.each([
  { rpc: "GetPersistentSegmentInfo", fault: "UNAVAILABLE", status: 0 },
  { rpc: "DescribeIndex", fault: "DEADLINE_EXCEEDED", status: 0 },
  { rpc: "Flush", fault: "{}", status: 14 },
] as const)("a backup is whole or goes on: $rpc, $fault", async ({ status, ...befallen }) => {
  expect(await setting.backUp({ ...befallen, often: "once" })).toBe(status);
});

it.each([
  { rpc: "CreateCollection", fault: "dropped", status: 14 },
  { rpc: "GetImportState", fault: "stopped", status: 130 },
] as const)("a restore is whole or goes on, and leaves nothing: $rpc, $fault", async ({ status, ...befallen }) => {
  expect(await setting.restore({ ...befallen, often: "once" })).toBe(status);
});
