import { StorageError } from "../core/contracts/storage.ts";
import type { DeleteResult, ListEntry, ObjectInfo, Storage, StorageLocation } from "../core/contracts/storage.ts";

/**
 * A storage seen from below a prefix: keys are relative to it, location.prefix names it. Keys are checked here, so that
 * no caller can leave the prefix. Disposing it disposes the storage below.
 */
export function scopeStorage(storage: Storage, prefix: string): Storage {
  const base = prefix === "" ? "" : `${checkKey(prefix)}/`;
  const inside = (key: string): string => base + checkKey(key);
  const outside = (key: string): string => stripPrefix(key, base);
  const relative = <Info extends ObjectInfo>(info: Info): Info => ({ ...info, key: outside(info.key) });
  const { copyFrom, hash, link, canCopyFrom, unfinished, abandon } = storage;
  return {
    location: { ...storage.location, prefix: joinPrefix(storage.location.prefix, prefix) },
    capabilities: storage.capabilities,
    stat: async (key, call) => {
      const info = await storage.stat(inside(key), call);
      return info && relative(info);
    },
    read: async (key, options) => {
      const { info, body } = await storage.read(inside(key), options);
      return { info: relative(info), body };
    },
    write: async (key, body, options) => relative(await storage.write(inside(key), body, options)),
    list: (start, options) => {
      const startAfter = options?.startAfter === undefined ? {} : { startAfter: base + options.startAfter };
      return stripEntries(storage.list(base + start, { ...options, ...startAfter }), base);
    },
    delete: async (keys, call) => stripDeleted(await storage.delete(keys.map(inside), call), outside),
    ...(canCopyFrom && { canCopyFrom: (from: StorageLocation) => canCopyFrom.call(storage, from) }),
    ...(copyFrom && {
      copyFrom: async (from, copy, call) =>
        relative(await copyFrom.call(storage, from, { ...copy, key: inside(copy.key) }, call)),
    }),
    ...(hash && { hash: (key, call) => hash.call(storage, inside(key), call) }),
    ...(link && {
      link: async (sourceKey, key, call) => relative(await link.call(storage, inside(sourceKey), inside(key), call)),
    }),
    ...(unfinished && {
      unfinished: async (start, call) => {
        const writes = await unfinished.call(storage, base + start, call);
        return writes.map((write) => ({ ...write, key: outside(write.key) }));
      },
    }),
    ...(abandon && {
      abandon: (write, call) => abandon.call(storage, { ...write, key: inside(write.key) }, call),
    }),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

/** Joins two prefixes, either of which may be "". */
export function joinPrefix(outer: string, inner: string): string {
  return [outer, inner].filter((part) => part !== "").join("/");
}

/** Gives the key back, or refuses it: a key must not leave its prefix, nor be read differently by another storage. */
export function checkKey(key: string): string {
  const isOdd = key.split("/").some((part) => part === "" || part === "." || part === "..") || key.includes("\0");
  if (isOdd) throw new StorageError("unsupported", `Cannot use ${JSON.stringify(key)} as a key`, { key });
  return key;
}

function stripPrefix(key: string, base: string): string {
  if (key.startsWith(base)) return key.slice(base.length);
  throw new StorageError("corrupt", `The storage answered with ${key}, which is not below ${base}`, { key });
}

async function* stripEntries(entries: AsyncIterable<ListEntry>, base: string): AsyncIterable<ListEntry> {
  for await (const entry of entries) {
    if (entry.kind === "prefix") yield { kind: "prefix", prefix: stripPrefix(entry.prefix, base) };
    else yield { ...entry, key: stripPrefix(entry.key, base) };
  }
}

function stripDeleted(result: DeleteResult, outside: (key: string) => string): DeleteResult {
  return {
    deleted: result.deleted.map(outside),
    failed: result.failed.map(({ key, error }) => ({ key: outside(key), error })),
    retained: result.retained.map(outside),
  };
}
