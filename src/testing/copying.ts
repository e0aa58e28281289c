import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { CopyRequest, ObjectInfo, Storage } from "../plugin.ts";
import { bodyOf, outcomeOf, patternOf, readBytes, readText, writeText } from "./subject.ts";
import type { Subject } from "./subject.ts";

type Copy = (request: CopyRequest) => Promise<ObjectInfo>;

/** copyFrom and link, where the storage has them: within one storage, which every one of them must be able to. */
export function testCopying(subject: Subject): void {
  describe("copies", () => {
    it("canCopyFrom() is true for the storage itself and false for another type", ({ skip }) => {
      const { storage } = subject;
      skip(!hasCopy(storage), "the storage has no copyFrom");
      const other = { type: "something-else", prefix: "" };
      expect([storage.canCopyFrom?.(storage.location), storage.canCopyFrom?.(other)]).toEqual([true, false]);
    });

    it.each(["empty", "small", "large"])("copyFrom() copies a %s object", async (size) => {
      const { storage, prefix, largeObjectBytes } = subject;
      const content = patternOf({ empty: 0, small: 1_000, large: largeObjectBytes }[size] ?? 0);
      const source = { sourceKey: `${prefix}source + ünï %41`, key: `${prefix}copy + ünï %41` };
      await storage.write(source.sourceKey, bodyOf(content));
      const copy = copyOf(storage);
      if (copy === undefined) return;
      const info = await copy({ ...source, bytes: content.length });
      const sha256 = createHash("sha256").update(content).digest("hex");
      expect([info.key, info.bytes, info.sha256 ?? sha256]).toEqual([source.key, content.length, sha256]);
      expect((await storage.stat(source.key))?.etag).toBe(info.etag);
      expect((await readBytes(storage, source.key)).equals(content)).toBe(true);
    });

    it("copyFrom() takes the source key relative to the source's prefix and needs no size", async () => {
      const { storage, prefix } = subject;
      await writeText(storage, `${prefix}folder/source`, "content");
      const from = { ...storage.location, prefix: `${prefix}folder` };
      await storage.copyFrom?.(from, { sourceKey: "source", key: `${prefix}copy` });
      if (hasCopy(storage)) expect(await readText(storage, `${prefix}copy`)).toBe("content");
    });

    it("copyFrom() replaces an object", async () => {
      const { storage, prefix } = subject;
      await writeText(storage, `${prefix}source`, "new");
      await writeText(storage, `${prefix}copy`, "old content");
      await copyOf(storage)?.({ sourceKey: `${prefix}source`, key: `${prefix}copy` });
      if (hasCopy(storage)) expect(await readText(storage, `${prefix}copy`)).toBe("new");
    });

    it("copyFrom() throws missing when there is no source", async ({ skip }) => {
      const { storage, prefix } = subject;
      const copy = copyOf(storage);
      skip(copy === undefined, "the storage has no copyFrom");
      for (const bytes of [undefined, 10]) {
        const outcome = outcomeOf(
          copy?.({ sourceKey: `${prefix}nothing`, key: `${prefix}copy`, bytes }) ?? Promise.resolve(),
        );
        expect(await outcome).toBe("missing");
      }
      expect(await storage.stat(`${prefix}copy`)).toBeUndefined();
    });

    it("link() gives an object another name, which stays when the first is deleted or replaced", async ({ skip }) => {
      const { storage, prefix } = subject;
      skip(storage.link === undefined, "the storage has no link");
      for (const name of ["a", "b"]) await writeText(storage, prefix + name, "content");
      const info = await storage.link?.(`${prefix}a`, `${prefix}folder/link-a`);
      await storage.link?.(`${prefix}b`, `${prefix}folder/link-b`);
      await storage.delete([`${prefix}a`]);
      await writeText(storage, `${prefix}b`, "other");
      expect([info?.key, info?.bytes]).toEqual([`${prefix}folder/link-a`, 7]);
      expect(await readText(storage, `${prefix}folder/link-a`)).toBe("content");
      expect(await readText(storage, `${prefix}folder/link-b`)).toBe("content");
    });

    it("link() throws missing when there is no source", async ({ skip }) => {
      const { storage, prefix } = subject;
      skip(storage.link === undefined, "the storage has no link");
      const linking = storage.link?.(`${prefix}nothing`, `${prefix}link`) ?? Promise.resolve();
      expect(await outcomeOf(linking)).toBe("missing");
    });
  });
}

function hasCopy(storage: Storage): boolean {
  return storage.copyFrom !== undefined;
}

function copyOf(storage: Storage): Copy | undefined {
  return storage.copyFrom && ((request) => storage.copyFrom?.(storage.location, request) ?? Promise.reject());
}
