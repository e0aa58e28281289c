import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ByteRange } from "../plugin.ts";
import { bodyOf, keysOf, outcomeOf, patternOf, readBytes, readText, writeText } from "./subject.ts";
import type { Subject } from "./subject.ts";

const ODD_NAMES = [
  "with space",
  "plus+plus",
  "percent%41%2F%",
  `quote'"`,
  "a..b",
  "..two-dots-first",
  ".hidden",
  "semi;colon&and=equals?question#hash",
  "tilde~(round)[square]{curly}*!@$^`|<>,",
  "ünïcødé",
  "日本語",
  "😀",
  `${"long".repeat(50)}/${"longer".repeat(40)}/${"longest".repeat(35)}`,
];

const RANGES: readonly (readonly [title: string, range: ByteRange, text: string])[] = [
  ["a start", { start: 4 }, "456789"],
  ["a start and an end", { start: 2, end: 5 }, "234"],
  ["an end beyond the object's", { start: 8, end: 100 }, "89"],
  ["a start at the object's end", { start: 10 }, ""],
  ["a start beyond the object's end", { start: 50, end: 60 }, ""],
  ["an end at its start", { start: 3, end: 3 }, ""],
];

/** Writing, reading and stat of single objects. */
export function testObjects(subject: Subject): void {
  describe("objects", () => {
    it("hash() tells the sha256 of the bytes as they are, where the storage has it, and misses what is not there", async () => {
      const { storage, prefix } = subject;
      if (storage.hash === undefined) return;
      const key = `${prefix}hashed`;
      for (const content of ["", "content", "x".repeat(600_000)]) {
        await storage.write(key, bodyOf(content));
        expect(await storage.hash(key)).toBe(createHash("sha256").update(content).digest("hex"));
      }
      expect(await outcomeOf(storage.hash(`${prefix}nothing`))).toBe("missing");
    });

    it("write() tells what stat() and read() tell", async () => {
      const { storage, prefix } = subject;
      const key = `${prefix}object`;
      const written = await storage.write(key, bodyOf("content"));
      const { info, body } = await storage.read(key);
      for await (const _ of body); // a body is read to its end, or its connection stays open
      const { etag, bytes } = written;
      expect([written.key, bytes]).toEqual([key, 7]);
      expect(etag).not.toContain('"');
      expect(await storage.stat(key)).toMatchObject({ key, bytes, etag });
      expect(info).toMatchObject({ key, bytes, etag });
    });

    it("write() tells the object's sha256, if it tells one", async () => {
      const sha256 = createHash("sha256").update("content").digest("hex");
      const { storage, prefix } = subject;
      const computed = await storage.write(`${prefix}computed`, bodyOf("content"));
      const given = await storage.write(`${prefix}given`, { ...bodyOf("content"), sha256 });
      expect([computed.sha256 ?? sha256, given.sha256 ?? sha256]).toEqual([sha256, sha256]);
    });

    it("write() replaces an object", async () => {
      const { storage, prefix } = subject;
      await writeText(storage, `${prefix}object`, "a longer first version");
      await writeText(storage, `${prefix}object`, "second");
      expect(await readText(storage, `${prefix}object`)).toBe("second");
    });

    it("write() and read() keep an empty object", async () => {
      const { storage, prefix } = subject;
      await writeText(storage, `${prefix}empty`, "");
      expect((await storage.stat(`${prefix}empty`))?.bytes).toBe(0);
      expect(await readText(storage, `${prefix}empty`)).toBe("");
      expect(await readText(storage, `${prefix}empty`, { range: { start: 0 } })).toBe("");
      expect(await keysOf(storage.list(prefix))).toEqual([`${prefix}empty`]);
    });

    it("write() and read() keep every byte of a large object", async () => {
      const { storage, prefix, largeObjectBytes } = subject;
      const content = patternOf(largeObjectBytes);
      const { bytes } = await storage.write(`${prefix}large`, bodyOf(content));
      expect(bytes).toBe(largeObjectBytes);
      expect((await readBytes(storage, `${prefix}large`)).equals(content)).toBe(true);
      const range = { start: largeObjectBytes - 100_000, end: largeObjectBytes - 1 };
      const part = await readBytes(storage, `${prefix}large`, { range });
      expect(part.equals(content.subarray(range.start, range.end))).toBe(true);
    });

    it("write() opens the body anew each time", async () => {
      const { storage, prefix } = subject;
      const body = bodyOf("content");
      await storage.write(`${prefix}first`, body);
      await storage.write(`${prefix}second`, body);
      expect(await readText(storage, `${prefix}second`)).toBe("content");
    });

    it.each(ODD_NAMES)("write(), stat(), read(), list() and delete() take the key %j", async (name) => {
      const { storage, prefix } = subject;
      const key = `${prefix}${name}`;
      await writeText(storage, key, name);
      expect((await storage.stat(key))?.key).toBe(key);
      expect(await readText(storage, key)).toBe(name);
      expect(await keysOf(storage.list(prefix))).toEqual([key]);
      expect(await keysOf(storage.list(key))).toEqual([key]);
      expect((await storage.delete([key])).deleted).toEqual([key]);
      expect(await storage.stat(key)).toBeUndefined();
    });

    it.each(RANGES)("read() gives the bytes of a range with %s", async (_, range, text) => {
      const { storage, prefix } = subject;
      await writeText(storage, `${prefix}object`, "0123456789");
      const { info, body } = await storage.read(`${prefix}object`, { range });
      const chunks: string[] = [];
      for await (const chunk of body) chunks.push(new TextDecoder().decode(chunk));
      expect([chunks.join(""), info.bytes]).toEqual([text, 10]);
    });

    it("stat() is undefined and read() throws missing when there is no object", async () => {
      const { storage, prefix } = subject;
      await writeText(storage, `${prefix}folder/object`, "content");
      for (const name of ["nothing", "folder", "folder/object/below", "folder/obj"]) {
        expect(await storage.stat(prefix + name)).toBeUndefined();
        expect(await outcomeOf(storage.read(prefix + name))).toBe("missing");
      }
    });

    it("read() stops when its body is left", async () => {
      const { storage, prefix, largeObjectBytes } = subject;
      await storage.write(`${prefix}large`, bodyOf(patternOf(largeObjectBytes)));
      const { body } = await storage.read(`${prefix}large`);
      let first = 0;
      for await (const chunk of body) {
        first = chunk.length;
        break;
      }
      expect(first).toBeGreaterThan(0);
      expect(await readText(storage, `${prefix}large`, { range: { start: largeObjectBytes } })).toBe("");
    });
  });
}
