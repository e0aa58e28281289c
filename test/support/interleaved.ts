import type { Storage } from "../../src/core/contracts/storage.ts";

/** The storage, whose calls happen when their turn comes. */
export function interleaved(storage: Storage, turn: () => Promise<unknown> | undefined): Storage {
  return {
    ...storage,
    write: async (...args) => {
      await turn();
      return await storage.write(...args);
    },
    read: async (...args) => {
      await turn();
      return await storage.read(...args);
    },
    async *list(...args) {
      await turn();
      yield* storage.list(...args);
    },
    delete: async (...args) => {
      await turn();
      return await storage.delete(...args);
    },
  };
}
