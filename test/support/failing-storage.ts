import { StorageError } from "../../src/core/contracts/storage.ts";
import type { Call, ListEntry, Storage, StorageErrorCode } from "../../src/core/contracts/storage.ts";
import { doUnder, listUnder, readUnder } from "./faults.ts";
import type { Fault } from "./faults.ts";

/** One thing that a storage is asked for: of a list the prefix, of a delete each key by itself, of a copy where it goes. */
export interface Operation {
  readonly kind: "stat" | "read" | "write" | "list" | "delete" | "copy" | "link";
  readonly key: string;
}

/** Asked before an operation is carried out; an error that it gives back is thrown in its place, a fault befalls it. */
export type FailureOf = (operation: Operation) => Error | Fault | undefined;

/** A storage that fails where a test says. Of many keys to delete, those before the failure are gone. */
export function failingStorage(storage: Storage, failureOf: FailureOf): Storage {
  const late = new Set<string>();
  const ask = (kind: Operation["kind"], key: string): Fault | undefined => {
    const failure = failureOf({ kind, key });
    if (failure instanceof Error) throw failure;
    return failure;
  };
  const under = <T>(operation: Operation, call: Call | undefined, work: (fault?: Fault) => Promise<T>): Promise<T> => {
    const { kind, key } = operation;
    const fault = ask(kind, key);
    return doUnder(fault, { what: `Cannot ${kind} "${key}"`, signal: call?.signal, work: () => work(fault) });
  };
  const { copyFrom, link } = storage;
  return {
    ...storage,
    stat: async (key, call) =>
      under({ kind: "stat", key }, call, async () => (late.delete(key) ? undefined : storage.stat(key, call))),
    read: async (key, options) =>
      under({ kind: "read", key }, options, async (fault) => readUnder(fault, await storage.read(key, options))),
    write: async (key, body, options) =>
      under({ kind: "write", key }, options, (fault) => {
        if (fault === "late") late.add(key);
        return storage.write(key, body, options);
      }),
    async *list(prefix, options): AsyncGenerator<ListEntry> {
      const fault = ask("list", prefix);
      if (fault === "hang") await doUnder(fault, { what: "list", signal: options?.signal, work: async () => {} });
      yield* listUnder(fault, storage.list(prefix, options), late);
    },
    delete: async (keys, call) => {
      for (const key of keys) await under({ kind: "delete", key }, call, () => storage.delete([key], call));
      return { deleted: keys, failed: [], retained: [] };
    },
    ...(copyFrom && {
      copyFrom: async (from, copy, call) =>
        under({ kind: "copy", key: copy.key }, call, (fault) => {
          if (fault === "late") late.add(copy.key);
          return copyFrom(from, copy, call);
        }),
    }),
    ...(link && {
      link: async (sourceKey, key, call) => under({ kind: "link", key }, call, () => link(sourceKey, key, call)),
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

/** This befalls the n-th operation of a kind, from 1, and no other one. */
export function befallNth(
  kind: Operation["kind"],
  nth: number,
  failureOf: (operation: Operation) => Error | Fault,
): FailureOf {
  let asked = 0;
  return (operation) => {
    if (operation.kind !== kind) return undefined;
    asked += 1;
    return asked === nth ? failureOf(operation) : undefined;
  };
}

export function isChange(kind: Operation["kind"]): boolean {
  return kind === "write" || kind === "delete" || kind === "copy" || kind === "link";
}
