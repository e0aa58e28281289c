/** Every request of a backup and a restore × UNAVAILABLE, deadline, `{}`, a lost answer; a sample is in test/engine. */
import { expect, it } from "vitest";
import { backUpUnderRpcFaults, restoreUnderRpcFaults } from "../support/rpc-faults.ts";

it("a backup is not whole with less, whatever Milvus answers to one of its requests", async () => {
  expect((await backUpUnderRpcFaults(1)).size).toBeGreaterThan(60);
});

it("a restore is not whole with less, and names what it left, whatever Milvus answers to one of its requests", async () => {
  expect((await restoreUnderRpcFaults(1)).size).toBeGreaterThan(90);
});
