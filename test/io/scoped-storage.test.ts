import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { bytesBody } from "../../src/io/body.ts";
import { checkKey, joinPrefix, scopeStorage } from "../../src/io/scoped-storage.ts";
import { collect } from "../support/collect.ts";
import { recordingStorage } from "../support/recording-storage.ts";
import { keysOf, readText, writeAll } from "../support/storage-content.ts";

const open = async (): Promise<{ whole: Storage; scoped: Storage }> => {
  const whole = openMemory();
  await writeAll(whole, { "p/q/a": "1", "p/q/b/c": "2", "p/q/b/d": "3", "p/qq/a": "other", "p/r": "other" });
  return { whole, scoped: scopeStorage(whole, "p/q") };
};

describe("scopeStorage()", () => {
  it("scopeStorage() names its place by the prefix, also one below another", async () => {
    const { whole, scoped } = await open();
    expect(scoped.location).toEqual({ ...whole.location, prefix: "p/q" });
    expect(scopeStorage(scoped, "r").location.prefix).toBe("p/q/r");
    expect(scopeStorage(scoped, "").location.prefix).toBe("p/q");
    expect(scoped.capabilities).toEqual(whole.capabilities);
  });

  it("scopeStorage() gives and takes keys that are relative to the prefix", async () => {
    const { whole, scoped } = await open();
    expect([await scoped.stat("a"), await scoped.stat("p/q/a")]).toEqual([
      { ...(await whole.stat("p/q/a")), key: "a" },
      undefined,
    ]);
    expect((await scoped.read("b/c")).info.key).toBe("b/c");
    expect(await readText(scoped, "b/c")).toBe("2");
    expect((await scoped.write("x", bytesBody("9"))).key).toBe("x");
    expect(await readText(whole, "p/q/x")).toBe("9");
    expect((await scoped.link?.("a", "y"))?.key).toBe("y");
    expect(await scoped.delete(["a", "x", "y"])).toEqual({ deleted: ["a", "x", "y"], failed: [], retained: [] });
    expect(await keysOf(whole)).toEqual(["p/q/b/c", "p/q/b/d", "p/qq/a", "p/r"]);
  });

  it("scopeStorage() lists what is below the prefix and nothing beside it", async () => {
    const { scoped } = await open();
    expect(await keysOf(scoped)).toEqual(["a", "b/c", "b/d"]);
    expect(await keysOf(scoped, "b/")).toEqual(["b/c", "b/d"]);
    expect(await collect(scoped.list("", { delimiter: "/" }))).toEqual([
      expect.objectContaining({ kind: "object", key: "a" }),
      { kind: "prefix", prefix: "b/" },
    ]);
    const after = await collect(scoped.list("", { startAfter: "b/c" }));
    expect(after).toEqual([expect.objectContaining({ key: "b/d" })]);
  });

  it("scopeStorage() copies from a scope to a scope of the same service", async () => {
    const { whole, scoped } = await open();
    const other = scopeStorage(whole, "z");
    expect(other.canCopyFrom?.(scoped.location)).toBe(true);
    expect((await other.copyFrom?.(scoped.location, { sourceKey: "a", key: "k" }))?.key).toBe("k");
    expect(await readText(whole, "z/k")).toBe("1");
    expect(other.canCopyFrom?.(openMemory().location)).toBe(false);
  });

  it("scopeStorage() hides the methods that the storage does not have", async () => {
    const { copyFrom: _copyFrom, canCopyFrom: _canCopyFrom, link: _link, ...plain } = openMemory();
    const scoped = scopeStorage(plain, "p");
    expect(["copyFrom", "canCopyFrom", "link"].filter((method) => method in scoped)).toEqual([]);
  });

  it.each(["", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "../p/r", "a\0b"])(
    "scopeStorage() refuses the key %j before it asks the storage for anything",
    async (key) => {
      const storage = recordingStorage(openMemory());
      const scoped = scopeStorage(storage, "p");
      const from = scoped.location;
      const asks = [
        async () => scoped.stat(key),
        async () => scoped.read(key),
        async () => scoped.write(key, bytesBody("")),
        async () => scoped.delete(["fine", key]),
        async () => scoped.copyFrom?.(from, { sourceKey: "a", key }),
        async () => scoped.link?.(key, "a"),
        async () => scoped.link?.("a", key),
      ];
      for (const ask of asks) await expect(ask()).rejects.toMatchObject({ name: "StorageError", code: "unsupported" });
      expect(storage.changes).toEqual([]);
    },
  );

  it("scopeStorage() refuses a prefix that is none", () => {
    for (const prefix of ["/p", "p/", "a/../b"]) expect(() => scopeStorage(openMemory(), prefix)).toThrow(/as a key/);
  });

  it("scopeStorage() refuses an answer from outside the prefix", async () => {
    const storage = openMemory();
    const lying: Storage = {
      ...storage,
      async *list() {
        yield { kind: "object", key: "elsewhere/a", bytes: 1 };
      },
    };
    await expect(collect(scopeStorage(lying, "p").list(""))).rejects.toMatchObject({ code: "corrupt" });
  });

  it("scopeStorage() closes the storage below", async () => {
    let closed = 0;
    const storage: Storage = { ...openMemory(), [Symbol.asyncDispose]: async () => void (closed += 1) };
    await scopeStorage(storage, "p")[Symbol.asyncDispose]();
    expect(closed).toBe(1);
  });
});

it("checkKey() accepts exactly the keys without empty, dot and dot-dot parts", () => {
  const part = fc.constantFrom("", ".", "..", "a", "...", ".a", "ü +%", "a.");
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const key = parts.join("/");
      const isFine = parts.every((one) => one !== "" && one !== "." && one !== "..");
      if (isFine) expect(checkKey(key)).toBe(key);
      else expect(() => checkKey(key)).toThrow("Cannot use");
    }),
  );
});

it("joinPrefix() leaves out what is empty", () => {
  expect([joinPrefix("", ""), joinPrefix("a", ""), joinPrefix("", "b"), joinPrefix("a", "b/c")]).toEqual([
    "",
    "a",
    "b",
    "a/b/c",
  ]);
});
