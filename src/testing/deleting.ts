import { describe, expect, it } from "vitest";
import { forEach, keysOf, writeText } from "./subject.ts";
import type { Subject } from "./subject.ts";

export function testDeleting(subject: Subject): void {
  describe("delete", () => {
    it("delete() takes a missing key as deleted", async () => {
      const { storage, prefix } = subject;
      await writeText(storage, `${prefix}folder/object`, "content");
      const keys = ["nothing", "folder", "folder/obj", "folder/object/below"].map((name) => prefix + name);
      expect(await storage.delete(keys)).toEqual({ deleted: keys, failed: [], retained: [] });
      expect(await keysOf(storage.list(prefix))).toEqual([`${prefix}folder/object`]);
    });

    it("delete() takes no keys", async () => {
      expect(await subject.storage.delete([])).toEqual({ deleted: [], failed: [], retained: [] });
    });

    it("delete() deletes many objects, tells of each, and leaves the others", async () => {
      const { storage, prefix, manyObjects } = subject;
      const keys = Array.from({ length: manyObjects }, (_, index) => `${prefix}folder ${index % 7}/object+${index}`);
      await forEach([...keys, `${prefix}other`], (key) => writeText(storage, key, "content"));
      const { deleted, failed, retained } = await storage.delete(keys);
      expect({ deleted: deleted.toSorted(), failed, retained }).toEqual({
        deleted: keys.toSorted(),
        failed: [],
        retained: [],
      });
      expect(await keysOf(storage.list(prefix))).toEqual([`${prefix}other`]);
    });

    it("delete() leaves room for an object where a folder was, and for a folder where an object was", async () => {
      const { storage, prefix } = subject;
      await writeText(storage, `${prefix}a/b`, "content");
      await storage.delete([`${prefix}a/b`]);
      await writeText(storage, `${prefix}a`, "content");
      await storage.delete([`${prefix}a`]);
      await writeText(storage, `${prefix}a/b/c`, "content");
      expect(await keysOf(storage.list(prefix))).toEqual([`${prefix}a/b/c`]);
    });

    it("delete() does not disturb writers in the same folder", async () => {
      const { storage, prefix } = subject;
      const names = Array.from({ length: 100 }, (_, index) => `${prefix}shared/folder/${index}`);
      await forEach(names, async (key) => {
        await writeText(storage, key, "first");
        await storage.delete([key]);
        await writeText(storage, key, "second");
      });
      expect((await keysOf(storage.list(prefix))).length).toBe(names.length);
    });
  });
}
