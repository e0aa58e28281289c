import { afterEach, describe, expect, it, vi } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { holdLease, isLeaseLive } from "../../src/catalog/lease.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { recordingStorage } from "../support/recording-storage.ts";
import { keysOf } from "../support/storage-content.ts";

afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

describe("holdLease()", () => {
  it("holdLease() is live until it is disposed", async () => {
    const storage = openMemory();
    {
      await using _lease = await holdLease(storage, { runId: "r1", onFailure: () => {} });
      expect([await isLeaseLive(storage, "r1"), await isLeaseLive(storage, "r2")]).toEqual([true, false]);
    }
    expect([await isLeaseLive(storage, "r1"), await keysOf(storage)]).toEqual([false, []]);
  });

  it("holdLease() refreshes it, so that it stays live for as long as the run does", async () => {
    vi.useFakeTimers();
    const storage = recordingStorage(openMemory());
    const lease = await holdLease(storage, { runId: "r1", onFailure: () => {} });
    for (const _ of [1, 2, 3]) await vi.advanceTimersByTimeAsync(20 * MINUTE);
    expect(await isLeaseLive(storage, "r1")).toBe(true);
    await lease[Symbol.asyncDispose]();
    await vi.advanceTimersByTimeAsync(20 * MINUTE);
    expect(storage.changes.at(-1)).toMatch(/^delete /);
  });

  it("holdLease() tells of a refresh that fails, and goes on", async () => {
    vi.useFakeTimers();
    const storage = openMemory();
    let isAway = false;
    const failures: unknown[] = [];
    const failing = failingStorage(
      storage,
      failOn("unavailable", ({ kind }) => isAway && kind === "write"),
    );
    await using _lease = await holdLease(failing, { runId: "r1", onFailure: (error) => void failures.push(error) });
    isAway = true;
    await vi.advanceTimersByTimeAsync(11 * MINUTE);
    isAway = false;
    expect(failures).toEqual([
      expect.objectContaining({ code: "unavailable" }),
      expect.objectContaining({ code: "unavailable" }),
    ]);
    await vi.advanceTimersByTimeAsync(25 * MINUTE);
    expect(await isLeaseLive(storage, "r1")).toBe(true);
  });

  it("holdLease() fails where nothing can be written", async () => {
    const storage = failingStorage(
      openMemory(),
      failOn("denied", ({ kind }) => kind === "write"),
    );
    await expect(holdLease(storage, { runId: "r1", onFailure: () => {} })).rejects.toMatchObject({ code: "denied" });
  });
});

it("isLeaseLive() does not believe a lease that was not refreshed for half an hour", async () => {
  const storage = openMemory();
  await holdLease(storage, { runId: "r1", onFailure: () => {} });
  const at = (ms: number) => ({ now: () => Date.now() + ms, sleep: async () => {} });
  expect([
    await isLeaseLive(storage, "r1", { clock: at(29 * MINUTE) }),
    await isLeaseLive(storage, "r1", { clock: at(31 * MINUTE) }),
  ]).toEqual([true, false]);
});

it("holdLease() tells of a release that fails, and throws nothing over what the run has to say", async () => {
  const storage = failingStorage(
    openMemory(),
    failOn("unavailable", ({ kind }) => kind === "delete"),
  );
  const failures: unknown[] = [];
  const lease = await holdLease(storage, { runId: "r1", onFailure: (error) => void failures.push(error) });
  await lease[Symbol.asyncDispose]();
  expect(failures).toEqual([expect.objectContaining({ code: "unavailable" })]);
});
