import { describe, expect, it } from "vitest";
import type { ObjectBody, Storage } from "../plugin.ts";
import { bodyOf, patternOf, writeText } from "./subject.ts";
import type { Subject } from "./subject.ts";

/** unfinished and abandon, where the storage has them: writes in which something is left of what was cut off. */
export function testUnfinished(subject: Subject): void {
  describe("unfinished writes", () => {
    it("a storage has both of unfinished() and abandon(), or neither", () => {
      const { unfinished, abandon } = subject.storage;
      expect(unfinished === undefined).toBe(abandon === undefined);
    });

    it("unfinished() tells of a write that is under way, and abandon() leaves nothing of it", async ({ skip }) => {
      const { storage, prefix, largeObjectBytes } = subject;
      skip(storage.unfinished === undefined, "the storage leaves nothing unfinished");
      const key = `${prefix}under way + ünï %41`;
      const seen: string[] = [];
      const body = watchedBody(patternOf(largeObjectBytes), async () => {
        seen.push(...(await abandonAll(subject)), ...(await abandonAll(subject)));
        throw new TypeError("the body broke"); // what a store makes of parts that still come is its own affair
      });
      await expect(storage.write(key, body)).rejects.toThrow();
      expect(seen).toEqual([key]);
      expect([await storage.unfinished?.(prefix), await storage.stat(key)]).toEqual([[], undefined]);
    });

    it("unfinished() tells of no write that has ended, one way or another", async ({ skip }) => {
      const { storage, prefix, largeObjectBytes } = subject;
      skip(storage.unfinished === undefined, "the storage leaves nothing unfinished");
      const content = patternOf(largeObjectBytes);
      await writeText(storage, `${prefix}small`, "content");
      await storage.write(`${prefix}large`, bodyOf(content));
      const broken = watchedBody(content, () => Promise.reject(new TypeError("the body broke")));
      await expect(storage.write(`${prefix}broken`, broken)).rejects.toThrow();
      expect(await storage.unfinished?.(prefix)).toEqual([]);
    });

    it("abandon() takes what has ended as abandoned, and leaves the object", async ({ skip }) => {
      const { storage, prefix, largeObjectBytes } = subject;
      skip(storage.unfinished === undefined, "the storage leaves nothing unfinished");
      const key = `${prefix}ended`;
      let begun: Awaited<ReturnType<NonNullable<Storage["unfinished"]>>> = [];
      const look = async (): Promise<void> => void (begun = (await storage.unfinished?.(prefix)) ?? []);
      await storage.write(key, watchedBody(patternOf(largeObjectBytes), look));
      expect(begun.map((one) => one.key)).toEqual([key]);
      for (const one of begun) await storage.abandon?.(one);
      expect((await storage.stat(key))?.bytes).toBe(largeObjectBytes);
    });
  });
}

/** Does something once, when half of the bytes are read. */
function watchedBody(content: Uint8Array, half: () => Promise<unknown>): ObjectBody {
  let isDone = false;
  return {
    size: content.length,
    async *open(offset = 0) {
      const middle = Math.max(offset, Math.floor(content.length / 2));
      yield* bodyOf(content.subarray(offset, middle)).open();
      if (!isDone) {
        isDone = true;
        await half();
      }
      yield* bodyOf(content.subarray(middle)).open();
    },
  };
}

async function abandonAll({ storage, prefix }: Subject): Promise<readonly string[]> {
  const found = (await storage.unfinished?.(prefix)) ?? [];
  for (const one of found) await storage.abandon?.(one);
  return found.map(({ key }) => key);
}
