import { describe, expect, it } from "vitest";
import { createLimit, forEachConcurrent } from "../../src/io/limit.ts";

/** A task that notes how many ran at once, and ends when it is told. */
function counting() {
  const running = { now: 0, most: 0 };
  const task = async (): Promise<void> => {
    running.now += 1;
    running.most = Math.max(running.most, running.now);
    await new Promise((resolve) => setImmediate(resolve));
    running.now -= 1;
  };
  return { running, task };
}

describe("createLimit", () => {
  it("createLimit() runs no more than its slots at once, also when a newcomer calls as a slot gets free", async () => {
    const { running, task } = counting();
    const limit = createLimit(3);
    await Promise.all(Array.from({ length: 20 }, () => limit(task).then(() => limit(task))));
    expect(running).toEqual({ now: 0, most: 3 });
  });

  it("createLimit() frees the slot of a task that fails", async () => {
    const limit = createLimit(1);
    await expect(limit(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(limit(() => Promise.resolve("yes"))).resolves.toBe("yes");
  });

  it("createLimit() refuses less than one slot", () => {
    expect(() => createLimit(0)).toThrow(RangeError);
  });
});

describe("forEachConcurrent", () => {
  it("forEachConcurrent() works through every item, bounded", async () => {
    const { running, task } = counting();
    const seen: number[] = [];
    await forEachConcurrent(
      Array.from({ length: 50 }, (_, index) => index),
      { concurrency: 4 },
      async (item) => {
        seen.push(item);
        await task();
      },
    );
    expect(seen).toHaveLength(50);
    expect(running.most).toBe(4);
  });

  it("forEachConcurrent() takes no more items after a failure and throws it when the others have settled", async () => {
    const settled: number[] = [];
    const run = forEachConcurrent([0, 1, 2, 3, 4, 5], { concurrency: 2 }, async (item) => {
      if (item === 1) throw new Error("one");
      await new Promise((resolve) => setImmediate(resolve));
      settled.push(item);
    });
    await expect(run).rejects.toThrow("one");
    expect(settled).toEqual([0]);
  });

  it("forEachConcurrent() stops at an aborted signal", async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const run = forEachConcurrent([0, 1, 2, 3], { concurrency: 1, signal: controller.signal }, async (item) => {
      seen.push(item);
      if (item === 1) controller.abort(new Error("stop"));
    });
    await expect(run).rejects.toThrow("stop");
    expect(seen).toEqual([0, 1]);
  });
});
