import { describe, expect, it } from "vitest";
import { bodyOf, outcomeOf, readText, writeText } from "./subject.ts";
import type { Subject } from "./subject.ts";

const WRITERS = 8;

/** ifAbsent and ifMatch: of several writers one wins. */
export function testConditions(subject: Subject): void {
  describe("conditions", () => {
    it("write() with ifAbsent writes only where nothing is", async () => {
      const { storage, prefix } = subject;
      const write = (text: string): Promise<unknown> =>
        storage.write(`${prefix}object`, bodyOf(text), { ifAbsent: true });
      if (!storage.capabilities.ifAbsent) {
        expect(await outcomeOf(write("first"))).toBe("unsupported");
        return;
      }
      expect(await outcomeOf(write("first"))).toBe("done");
      expect(await outcomeOf(write("second"))).toBe("precondition");
      expect(await readText(storage, `${prefix}object`)).toBe("first");
    });

    it("write() with ifAbsent lets exactly one of many writers win", async ({ skip }) => {
      const { storage, prefix } = subject;
      skip(!storage.capabilities.ifAbsent, "the storage has no ifAbsent");
      const key = `${prefix}race`;
      const outcomes = await Promise.all(
        writers((text) => outcomeOf(storage.write(key, bodyOf(text), { ifAbsent: true }))),
      );
      expect(outcomes.toSorted()).toEqual(oneWinner());
      expect(await readText(storage, key)).toBe(`writer ${outcomes.indexOf("done")}`);
    });

    it("write() with ifMatch writes only over that version", async () => {
      const { storage, prefix } = subject;
      const key = `${prefix}object`;
      const { etag } = await storage.write(key, bodyOf("first"));
      const write = (text: string): Promise<unknown> => storage.write(key, bodyOf(text), { ifMatch: etag });
      if (!storage.capabilities.ifMatch) {
        expect(await outcomeOf(write("second"))).toBe("unsupported");
        return;
      }
      expect(await outcomeOf(write("second"))).toBe("done");
      expect(await outcomeOf(write("third"))).toBe("precondition");
      expect(await readText(storage, key)).toBe("second");
    });

    it("write() with ifMatch does not write where nothing is", async ({ skip }) => {
      const { storage, prefix } = subject;
      skip(!storage.capabilities.ifMatch, "the storage has no ifMatch");
      const { etag } = await storage.write(`${prefix}object`, bodyOf("content"));
      const outcome = await outcomeOf(storage.write(`${prefix}other`, bodyOf("content"), { ifMatch: etag }));
      expect([outcome, await storage.stat(`${prefix}other`)]).toEqual(["precondition", undefined]);
    });

    it("write() with ifMatch lets exactly one of many writers win", async ({ skip }) => {
      const { storage, prefix } = subject;
      skip(!storage.capabilities.ifMatch, "the storage has no ifMatch");
      const key = `${prefix}race`;
      const { etag } = await storage.write(key, bodyOf("first"));
      const outcomes = await Promise.all(
        writers((text) => outcomeOf(storage.write(key, bodyOf(text), { ifMatch: etag }))),
      );
      expect(outcomes.toSorted()).toEqual(oneWinner());
      expect(await readText(storage, key)).toBe(`writer ${outcomes.indexOf("done")}`);
    });

    it("read() with ifMatch reads only that version", async () => {
      const { storage, prefix } = subject;
      const key = `${prefix}object`;
      const { etag } = await storage.write(key, bodyOf("first"));
      expect(await readText(storage, key, { ifMatch: etag })).toBe("first");
      await writeText(storage, key, "other");
      expect(await outcomeOf(storage.read(key, { ifMatch: etag }))).toBe("precondition");
    });
  });
}

function writers<T>(write: (text: string) => T): readonly T[] {
  return Array.from({ length: WRITERS }, (_, index) => write(`writer ${index}`));
}

function oneWinner(): readonly string[] {
  return ["done", ...Array.from({ length: WRITERS - 1 }, () => "precondition")];
}
