import { fileOpener } from "../catalog/meta-files.ts";
import { readObjectList } from "../catalog/object-list.ts";
import type { Call, ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { BackupError, isBackupError, messageOf } from "../core/errors.ts";
import { collectionOf, whyNotTold } from "../core/gc-rules.ts";
import type { Garbage, GarbageLook } from "../core/garbage.ts";
import { keyInBackup, OBJECTS_DIRECTORY } from "../format/keys.ts";
import type { Manifest, ManifestCollection } from "../format/manifest.ts";
import { wholeIn } from "../format/manifest.ts";
import { openPieces } from "../format/meta-pieces.ts";
import { filesOf } from "./commit-order.ts";
import { openObjectSpool } from "./object-spool.ts";
import { toGarbage } from "./to-garbage.ts";

export type Strays = Pick<GarbageLook, "garbage" | "left">;

export interface StraysQuery extends Call {
  /** The directory, which is not the manifest's name where somebody renamed it. */
  readonly name: string;
  readonly manifest: Manifest;
}

/**
 * What is in the directory of a committed backup and nothing names: neither manifest, meta files nor a list of objects. Of
 * a backup whose records do not agree nobody can tell.
 */
export async function findStrays(storage: Storage, query: StraysQuery): Promise<Strays> {
  try {
    await refuseUntold(storage, query);
    return await listStrays(storage, query);
  } catch (error) {
    if (!isBackupError(error) || (error.code !== "damaged" && error.code !== "refused")) throw error;
    return { garbage: [], left: [{ place: keyInBackup(query.name, ""), why: messageOf(error) }] };
  }
}

/** A collection's keys at a time. Without an identity the meta files of an encrypted backup say nothing. */
async function refuseUntold(storage: Storage, { name, manifest, signal }: StraysQuery): Promise<void> {
  const rest = new Map(wholeIn(manifest).map((collection) => [collection.id, collection]));
  const check = async ({ id, objects }: ManifestCollection, inMeta?: Iterable<string>): Promise<void> => {
    const keys = await readKeys(storage, { backup: name, id, signal });
    const why = whyNotTold({ collection: id, count: objects, keys, inMeta });
    if (why !== undefined) throw new BackupError("damaged", why);
    rest.delete(id);
  };
  if (manifest.encryption === undefined) {
    const { pieces } = await openPieces(fileOpener(storage, name, { signal }));
    await using spool = await openObjectSpool("gc");
    for await (const { collection, fault } of spool.read(pieces)) {
      const id = collection.collection_id.toString();
      const told = rest.get(id);
      if (told === undefined)
        throw new BackupError("damaged", `the manifest does not tell of ${collection.collection_name}`);
      if (fault !== undefined) throw fault;
      const inMeta: string[] = [];
      for await (const { key } of spool.objects(id)) inMeta.push(key);
      await check(told, inMeta);
    }
  } else for (const collection of wholeIn(manifest)) await check(collection);
  if (rest.size > 0) throw new BackupError("damaged", `the meta files do not have ${[...rest.keys()].join(", ")}`);
}

async function listStrays(storage: Storage, query: StraysQuery): Promise<Strays> {
  const { name, manifest, signal } = query;
  const root = keyInBackup(name, "");
  const ids = new Set(wholeIn(manifest).map(({ id }) => id));
  const files = new Set(filesOf(manifest));
  const garbage: Garbage[] = [];
  const unknown: string[] = [];
  let current: { readonly id: string; readonly keys: ReadonlySet<string> } | undefined;
  const isNamed = async (key: string): Promise<boolean> => {
    const id = collectionOf(key);
    if (id === undefined || !ids.has(id)) return files.has(key);
    if (current?.id !== id) current = { id, keys: await readKeys(storage, { backup: name, id, signal }) }; // they come together
    return current.keys.has(key);
  };
  for await (const entry of storage.list(root, { signal })) {
    if (entry.kind !== "object") continue;
    const key = entry.key.slice(root.length);
    if (await isNamed(key)) continue;
    if (isOfPayload(key)) garbage.push(toStray(name, entry));
    else unknown.push(key);
  }
  const left = unknown.map((key) => ({ place: `${root}${key}`, why: "a file that this release does not know" }));
  return { garbage, left };
}

function toStray(name: string, info: ObjectInfo): Garbage {
  const what = { kind: "stray", place: keyInBackup(name, ""), why: `nothing in the backup ${name} names it` } as const;
  return toGarbage(what, info);
}

/** What a later release may keep beside these is not for this one to judge. */
function isOfPayload(key: string): boolean {
  return key.startsWith("binlogs/") || key.startsWith(OBJECTS_DIRECTORY);
}

async function readKeys(
  storage: Storage,
  { id, ...query }: Call & { readonly backup: string; readonly id: string },
): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const { key } of readObjectList(storage, { ...query, collectionId: BigInt(id) })) keys.add(key);
  return keys;
}
