import { describe, expect, it } from "vitest";
import { compareUtf8 } from "../plugin.ts";
import { forEach, keysOf, writeText } from "./subject.ts";
import type { Subject } from "./subject.ts";

/** In UTF-8 byte order; directory order and UTF-16 order are others. */
const ORDERED = ["o-p", "o/p", "o/p-q", "o/q/r", "o0", "oP", "op", "ü", "～", "😀"];

export function testListing(subject: Subject): void {
  const fill = async (names: readonly string[]): Promise<void> =>
    forEach(names, (name) => writeText(subject.storage, subject.prefix + name, name));
  const listed = async (
    prefix: string,
    options?: { delimiter?: "/"; startAfter?: string },
  ): Promise<readonly string[]> => {
    const { storage, prefix: base } = subject;
    const startAfter = options?.startAfter === undefined ? {} : { startAfter: base + options.startAfter };
    const keys = await keysOf(storage.list(base + prefix, { ...options, ...startAfter }));
    return keys.map((key) => key.slice(base.length));
  };

  describe("list", () => {
    it("list() gives nothing when there is nothing", async () => {
      expect(await listed("")).toEqual([]);
      expect(await listed("folder/")).toEqual([]);
      expect(await listed("", { delimiter: "/" })).toEqual([]);
    });

    it("list() tells of each object what stat() tells", async () => {
      const { storage, prefix } = subject;
      await fill(["a", "b/c"]);
      for await (const entry of storage.list(prefix)) {
        if (entry.kind === "prefix") throw new TypeError("A list without a delimiter has no prefixes");
        const info = await storage.stat(entry.key);
        expect([entry.bytes, entry.etag]).toEqual([info?.bytes, info?.etag]);
      }
    });

    it("list() is in UTF-8 byte order", async () => {
      await fill(ORDERED.toReversed());
      expect(await listed("")).toEqual(ORDERED);
    });

    it("list() takes its prefix as a string, not as a directory", async () => {
      await fill(["ab/c", "abc", "abd/e", "b"]);
      expect(await listed("ab")).toEqual(["ab/c", "abc", "abd/e"]);
      expect(await listed("ab/")).toEqual(["ab/c"]);
      expect(await listed("abd/e")).toEqual(["abd/e"]);
      expect(await listed("abd/e/")).toEqual([]);
    });

    it("list() folds with a delimiter what lies below the next slash", async () => {
      await fill(["a/1", "a/2/3", "b", "c/4", "c-d"]);
      expect(await listed("", { delimiter: "/" })).toEqual(["a/", "b", "c-d", "c/"]);
      expect(await listed("a/", { delimiter: "/" })).toEqual(["a/1", "a/2/"]);
      expect(await listed("a", { delimiter: "/" })).toEqual(["a/"]);
      expect(await listed("c", { delimiter: "/" })).toEqual(["c-d", "c/"]);
    });

    it("list() begins after startAfter, whether that is there or not", async () => {
      await fill(ORDERED);
      for (const startAfter of [...ORDERED, "o", "o-", "o/", "o/p/", "o/q", "p", "😀z"]) {
        const rest = ORDERED.filter((name) => compareUtf8(name, startAfter) > 0);
        expect([startAfter, await listed("", { startAfter })]).toEqual([startAfter, rest]);
      }
      expect(await listed("o/", { startAfter: "o/p" })).toEqual(["o/p-q", "o/q/r"]);
      expect(await listed("", { startAfter: "o/p", delimiter: "/" })).toEqual(["o/", ...ORDERED.slice(4)]);
      expect(await listed("", { startAfter: "o/q/r", delimiter: "/" })).toEqual(ORDERED.slice(4));
      expect(await listed("", { startAfter: "o0", delimiter: "/" })).toEqual(["oP", "op", "ü", "～", "😀"]);
    });

    it("list() gives every one of many objects, and of many prefixes", async () => {
      const names = Array.from(
        { length: subject.manyObjects },
        (_, index) => `${String(index).padStart(5, "0")}/object`,
      );
      await fill(names);
      expect(await listed("")).toEqual(names);
      expect(await listed("", { startAfter: "00049/object" })).toEqual(names.slice(50));
      expect(await listed("", { delimiter: "/" })).toEqual(names.map((name) => name.replace("object", "")));
    });

    it("list() can be left before its end", async () => {
      await fill(["a", "b", "c"]);
      const first: string[] = [];
      for await (const entry of subject.storage.list(subject.prefix)) {
        first.push(entry.kind);
        break;
      }
      expect(first).toEqual(["object"]);
    });
  });
}
