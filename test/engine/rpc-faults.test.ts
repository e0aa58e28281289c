import { expect, it } from "vitest";
import { backUpUnderRpcFaults, restoreUnderRpcFaults } from "../support/rpc-faults.ts";

/** So many are left out between two: all of them are in test/faults. */
const STEP = 17;

it("a backup is not whole with less, whatever Milvus answers to one of its requests", async () => {
  expect(new Set((await backUpUnderRpcFaults(STEP)).values()).size).toBeGreaterThan(1);
});

it("a restore is not whole with less, and names what it left, whatever Milvus answers to one of its requests", async () => {
  expect(new Set((await restoreUnderRpcFaults(STEP)).values()).size).toBeGreaterThan(1);
});
