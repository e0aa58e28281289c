import type { Storage } from "../../src/core/contracts/storage.ts";

/** The storage, whose clock is the test's: what is written and listed has its times. */
export function timedStorage(inner: Storage, now: () => number): Storage {
  const times = new Map<string, Date>();
  const at = <T extends { key: string }>(info: T): T => ({ ...info, modifiedAt: times.get(info.key) });
  return {
    ...inner,
    write: async (key, body, options) => {
      const info = await inner.write(key, body, options);
      times.set(key, new Date(now()));
      return at(info);
    },
    read: async (key, options) => {
      const { info, body } = await inner.read(key, options);
      return { info: at(info), body };
    },
    async *list(prefix, options) {
      for await (const entry of inner.list(prefix, options)) yield entry.kind === "object" ? at(entry) : entry;
    },
  };
}
