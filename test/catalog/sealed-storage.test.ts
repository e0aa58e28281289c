import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { sealStorage } from "../../src/catalog/sealed-storage.ts";
import type { ObjectBody } from "../../src/core/contracts/storage.ts";
import { makeDataKey } from "../../src/seal/age-file.ts";
import { keysOf } from "../support/storage-content.ts";

/** Says one length and has another: the source's object was cut short, or another one is there now. */
function bodyOf(size: number, bytes: number): ObjectBody {
  return {
    size,
    async *open(offset = 0) {
      yield new Uint8Array(bytes).subarray(offset);
    },
  };
}

describe("sealStorage()", () => {
  it.each([
    ["too short", 300_000, 70_000],
    ["too long", 70_000, 300_000],
    ["empty", 10, 0],
  ])("sealStorage() refuses a body that is %s as corrupt, and writes nothing", async (_, size, bytes) => {
    const target = openMemory();
    const sealed = sealStorage(target, { backup: "b1", dataKeys: [await makeDataKey()] });
    const written = sealed.write("b1/binlogs/insert_log/1/2/3/3/100/4", bodyOf(size, bytes));
    await expect(written).rejects.toMatchObject({ name: "StorageError", code: "corrupt" });
    expect(await keysOf(target)).toEqual([]);
  });

  it("sealStorage() tells the sha256 of the bytes and of what is stored, also of what was opened twice", async () => {
    const target = openMemory();
    const sealed = sealStorage(target, { backup: "b1", dataKeys: [await makeDataKey()] });
    const key = "b1/binlogs/insert_log/1/2/3/3/100/4";
    const info = await sealed.write(key, bodyOf(200_000, 200_000));
    const stored = await target.stat(key);
    expect(info).toMatchObject({ bytes: 200_000, stored: { bytes: stored?.bytes, sha256: stored?.sha256 } });
  });
});
