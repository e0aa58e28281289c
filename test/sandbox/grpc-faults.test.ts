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
  { rpc: "GetPersistentSegmentInfo", fault: "UNAVAILABLE", often: "once", status: 0 },
  { rpc: "Flush", fault: "{}", often: "once", status: 14 },
  { rpc: "DescribeCollection", fault: "dropped", often: "once", status: 0 },
] as const)("a backup is whole or goes on: $rpc, $fault", async ({ status, ...befallen }) => {
  expect(await setting.backUp(befallen)).toBe(status);
});

it.each([
  { rpc: "CreateCollection", fault: "DEADLINE_EXCEEDED", often: "once", status: 14 },
  { rpc: "Import", fault: "dropped", often: "once", status: 1 },
  { rpc: "GetImportState", fault: "hang", often: "once", status: 130 },
] as const)("a restore is whole or goes on, and leaves nothing: $rpc, $fault", async ({ status, ...befallen }) => {
  expect(await setting.restore(befallen)).toBe(status);
});
