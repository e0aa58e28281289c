import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { holdPolicyLock } from "../../src/catalog/policy-lock.ts";
import type { OverlapPolicy } from "../../src/core/contracts/schedule.ts";
import type { EventBody } from "../../src/core/events.ts";
import { QUEUE_MS, takeTurn } from "../../src/engine/take-turn.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { timedStorage } from "../support/timed-storage.ts";

const group = { policy: "nightly", source: "prod" };

async function openTurns() {
  const clock = createFakeClock(1e12);
  const storage = timedStorage(openMemory(), () => 1e12);
  const notices: string[] = [];
  const stop = new AbortController();
  const take = (overlap: OverlapPolicy): Promise<AsyncDisposable> => {
    const record = (event: EventBody): void => void (event.type === "notice" && notices.push(event.message));
    const run = { runId: "r2", now: () => new Date(clock.now()), signal: stop.signal, record };
    return takeTurn(run, storage, { group, overlap, clock });
  };
  const onFailure = (error: unknown): never => {
    throw error;
  };
  const other = await holdPolicyLock(storage, { group, owner: lockOwner("r1"), onFailure });
  return { clock, notices, stop, take, other };
}

describe("takeTurn()", () => {
  it.each([
    ["skip", "skipped", "Left out: another run of nightly is under way: (run r1) on h1"],
    ["fail", "locked", "Another run of nightly is under way: (run r1) on h1"],
  ] as const)(
    "takeTurn() with overlap %s ends as %s while another run is under way",
    async (overlap, code, message) => {
      const { take, other } = await openTurns();
      const refused = take(overlap);
      await expect(refused).rejects.toMatchObject({ code });
      await expect(refused).rejects.toThrow(message);
      await other[Symbol.asyncDispose]();
      await (await take(overlap))[Symbol.asyncDispose]();
    },
  );

  it("takeTurn() with overlap queue waits for the other run's end, and says so once", async () => {
    const { take, other, notices, clock } = await openTurns();
    const sleep = clock.sleep;
    Object.assign(clock, {
      sleep: async (ms: number, signal?: AbortSignal) => {
        await sleep(ms, signal);
        if (clock.sleeps.length === 3) await other[Symbol.asyncDispose]();
      },
    });
    await (await take("queue"))[Symbol.asyncDispose]();
    expect(clock.sleeps).toHaveLength(3);
    expect(notices).toEqual([expect.stringMatching(/^Another run of nightly .*; this one waits for its end$/)]);
  });

  it("takeTurn() with overlap queue gives up in the end, as locked", async () => {
    const { take, clock } = await openTurns();
    await expect(take("queue")).rejects.toMatchObject({ code: "locked" });
    expect(clock.now() - 1e12).toBe(QUEUE_MS);
  });

  it("takeTurn() with overlap queue ends when the run is stopped", async () => {
    const { take, clock, stop } = await openTurns();
    const sleep = clock.sleep;
    Object.assign(clock, {
      sleep: async (ms: number, signal?: AbortSignal) => {
        stop.abort(new Error("stopped"));
        await sleep(ms, signal);
      },
    });
    await expect(take("queue")).rejects.toThrow("stopped");
  });
});
