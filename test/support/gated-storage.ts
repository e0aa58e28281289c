import type { Storage } from "../../src/core/contracts/storage.ts";

export interface GatedStorage extends Storage {
  /** From now on nobody waits. */
  open(): void;
}

/** The storage, whose calls happen when the gate lets them. */
export function gatedStorage(storage: Storage, gate: () => Promise<unknown>): GatedStorage {
  let isOpen = false;
  const pass = async (): Promise<void> => {
    if (!isOpen) await gate();
  };
  return {
    ...storage,
    open: () => void (isOpen = true),
    stat: async (...args) => {
      await pass();
      return await storage.stat(...args);
    },
    write: async (...args) => {
      await pass();
      return await storage.write(...args);
    },
    read: async (...args) => {
      await pass();
      return await storage.read(...args);
    },
    async *list(...args) {
      await pass();
      yield* storage.list(...args);
    },
    delete: async (...args) => {
      await pass();
      return await storage.delete(...args);
    },
  };
}
