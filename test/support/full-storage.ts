import { StorageError } from "../../src/core/contracts/storage.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";

/** What every object takes besides its bytes. */
const OVERHEAD = 512;

/** A storage with room for so many bytes: a write needs room for the new object beside the one that it replaces. */
export async function fullStorage(storage: Storage, leaving: number): Promise<Storage> {
  const sizes = new Map<string, number>();
  for await (const entry of storage.list("")) if (entry.kind === "object") sizes.set(entry.key, entry.bytes + OVERHEAD);
  const used = (): number => [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const capacity = used() + leaving;
  return {
    ...storage,
    write: async (key, body, options) => {
      const size = body.size + OVERHEAD;
      if (used() + size > capacity) throw new StorageError("full", `Cannot write "${key}": the disk is full`, { key });
      const info = await storage.write(key, body, options);
      sizes.set(key, size);
      return info;
    },
    delete: async (keys, call) => {
      const result = await storage.delete(keys, call);
      for (const key of result.deleted) sizes.delete(key);
      return result;
    },
  };
}
