import type { Storage } from "../../src/core/contracts/storage.ts";

export interface GatedStorage extends Storage {
  /** From now on nobody waits. */
  open(): void;
}

/** The storage, whose calls happen when the gate lets them. */
export function gatedStorage(
  storage: Storage,
  gate: (call: "stat" | "write" | "read" | "list" | "delete") => Promise<unknown> | undefined,
): GatedStorage {
  let isOpen = false;
  const pass = async (call: Parameters<typeof gate>[0]): Promise<void> => {
    if (!isOpen) await gate(call);
  };
  return {
    ...storage,
    open: () => void (isOpen = true),
    stat: async (...args) => {
      await pass("stat");
      return await storage.stat(...args);
    },
    write: async (...args) => {
      await pass("write");
      return await storage.write(...args);
    },
    read: async (...args) => {
      await pass("read");
      return await storage.read(...args);
    },
    async *list(...args) {
      await pass("list");
      yield* storage.list(...args);
    },
    delete: async (...args) => {
      await pass("delete");
      return await storage.delete(...args);
    },
  };
}
