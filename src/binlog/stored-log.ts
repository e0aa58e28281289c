import type { Storage } from "../core/contracts/storage.ts";
import type { LogSource } from "./log-source.ts";

/** A log in a storage, read a range at a time. */
export function storedLog(
  storage: Storage,
  { key, bytes }: { readonly key: string; readonly bytes: number },
): LogSource {
  return {
    name: key,
    bytes,
    async *read(range, call) {
      const { body } = await storage.read(key, { range, signal: call?.signal });
      yield* body;
    },
  };
}
