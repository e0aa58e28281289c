import { describe, expect, it } from "vitest";
import { memory } from "../../plugins/storage-memory/index.ts";
import type { Storage } from "../../src/plugin.ts";
import { describeStorage } from "../../src/testing.ts";
import { bodyOf } from "../../src/testing/subject.ts";

const openMemory = (options: unknown = {}): Promise<Storage> => memory.open(memory.options.parse(options));

describeStorage("memory", () => openMemory());

describe("memory", () => {
  it("open() gives each unnamed storage objects of its own", async () => {
    const [first, second] = [await openMemory(), await openMemory()];
    await first.write("key", bodyOf("content"));
    expect(await second.stat("key")).toBeUndefined();
    expect(second.canCopyFrom?.(first.location)).toBe(false);
  });

  it("open() gives storages of one name the same objects", async () => {
    const [first, second] = [await openMemory({ name: "shared" }), await openMemory({ name: "shared" })];
    await first.write("key", bodyOf("content"));
    expect((await second.stat("key"))?.bytes).toBe(7);
    expect(second.canCopyFrom?.(first.location)).toBe(true);
  });
});
