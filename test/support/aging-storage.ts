import type { ListEntry, ObjectInfo, Storage } from "../../src/core/contracts/storage.ts";

export interface AgingStorage extends Storage {
  /** Sets the store's clock forward, or back. */
  advance(ms: number): void;
}

/** A storage with a clock of its own: what is written after an advance is of a later time. */
export function agingStorage(storage: Storage): AgingStorage {
  const written = new Map<string, number>();
  let offsetMs = 0;
  const dated = <Info extends ObjectInfo>(info: Info): Info => {
    if (info.modifiedAt === undefined) return info;
    return { ...info, modifiedAt: new Date(info.modifiedAt.getTime() + (written.get(info.key) ?? 0)) };
  };
  return {
    ...storage,
    advance: (ms) => void (offsetMs += ms),
    stat: async (key, call) => {
      const info = await storage.stat(key, call);
      return info && dated(info);
    },
    read: async (key, options) => {
      const { info, body } = await storage.read(key, options);
      return { info: dated(info), body };
    },
    write: async (key, body, options) => {
      const info = await storage.write(key, body, options);
      written.set(key, offsetMs);
      return dated(info);
    },
    async *list(prefix, options): AsyncGenerator<ListEntry> {
      for await (const entry of storage.list(prefix, options)) yield entry.kind === "object" ? dated(entry) : entry;
    },
  };
}
