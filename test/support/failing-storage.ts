import { StorageError } from "../../src/core/contracts/storage.ts";
import type { ListEntry, Storage, StorageErrorCode } from "../../src/core/contracts/storage.ts";

/** One thing that a storage is asked for: of a list the prefix, of a delete each key by itself, of a copy where it goes. */
export interface Operation {
  readonly kind: "stat" | "read" | "write" | "list" | "delete" | "copy" | "link";
  readonly key: string;
}

/** Asked before an operation is carried out; what it gives back is thrown in its place. */
export type FailureOf = (operation: Operation) => Error | undefined;

/** A storage that fails where a test says. Of many keys to delete, those before the failure are gone. */
export function failingStorage(storage: Storage, failureOf: FailureOf): Storage {
  const check = (kind: Operation["kind"], key: string): void => {
    const failure = failureOf({ kind, key });
    if (failure !== undefined) throw failure;
  };
  const { copyFrom, link } = storage;
  return {
    ...storage,
    stat: async (key, call) => {
      check("stat", key);
      return storage.stat(key, call);
    },
    read: async (key, options) => {
      check("read", key);
      return storage.read(key, options);
    },
    write: async (key, body, options) => {
      check("write", key);
      return storage.write(key, body, options);
    },
    async *list(prefix, options): AsyncGenerator<ListEntry> {
      check("list", prefix);
      yield* storage.list(prefix, options);
    },
    delete: async (keys, call) => {
      for (const key of keys) {
        check("delete", key);
        await storage.delete([key], call);
      }
      return { deleted: keys, failed: [], retained: [] };
    },
    ...(copyFrom && {
      copyFrom: async (from, copy, call) => {
        check("copy", copy.key);
        return copyFrom(from, copy, call);
      },
    }),
    ...(link && {
      link: async (sourceKey, key, call) => {
        check("link", key);
        return link(sourceKey, key, call);
      },
    }),
  };
}

/** Fails with this code whenever the operation is asked for. */
export function failOn(code: StorageErrorCode, isMeant: (operation: Operation) => boolean): FailureOf {
  return (operation) =>
    isMeant(operation) ? new StorageError(code, `Cannot ${operation.kind} "${operation.key}"`, operation) : undefined;
}

/** As a process that is killed: after so many changes nothing comes through any more. */
export function killedAfter(changes: number): FailureOf {
  let left = changes;
  return ({ kind }) => {
    if (left === 0 && isChange(kind)) return new Error("killed");
    if (isChange(kind)) left -= 1;
    return undefined;
  };
}

export function isChange(kind: Operation["kind"]): boolean {
  return kind === "write" || kind === "delete" || kind === "copy" || kind === "link";
}
