import { BackupError } from "../core/errors.ts";
import { damaged } from "./damaged.ts";
import { decodeMessage } from "./decode-message.ts";
import { META_KEYS } from "./keys.ts";
import { joinLevels } from "./level-files.ts";
import { count, decodeHead, readHead, splitFull } from "./meta-files.ts";
import type { OpenFile } from "./meta-files.ts";
import { COLLECTION } from "./messages.ts";
import type { BackupHead, CollectionMeta } from "./meta.ts";

export interface BackupReading {
  readonly head: BackupHead;
  /** Read anew, one at a time, whenever it is gone through. */
  readonly collections: AsyncIterable<CollectionMeta>;
}

/**
 * Reads full_meta.json or, where there is none, the four level files. BackupErrors: "not-found" without either,
 * "damaged" for what cannot be read, "refused" for a format other than binlogs.
 */
export async function readBackup(open: OpenFile): Promise<BackupReading> {
  const full = await open(META_KEYS.full);
  const { head, collections } = full === undefined ? await readLevels(open) : await readFull(open, full);
  return { head, collections: { [Symbol.asyncIterator]: () => withDatabase(collections) } };
}

async function readFull(open: OpenFile, first: AsyncIterable<Uint8Array>): Promise<BackupReading> {
  let head: BackupHead | undefined;
  await count(splitFull(first, (rest) => (head = decodeHead(rest))));
  if (head === undefined) throw damaged({ file: META_KEYS.full }, "it ends too early");
  refuseFormat(head);
  return { head, collections: { [Symbol.asyncIterator]: () => readCollections(open) } };
}

async function* readCollections(open: OpenFile): AsyncGenerator<CollectionMeta> {
  const chunks = await open(META_KEYS.full);
  if (chunks === undefined) throw damaged({ file: META_KEYS.full }, "it is gone since its first reading");
  for await (const text of splitFull(chunks, decodeHead)) yield decodeMessage(COLLECTION, text);
}

async function readLevels(open: OpenFile): Promise<BackupReading> {
  const head = await readHead(open);
  if (head === undefined) {
    throw new BackupError(
      "not-found",
      `Cannot read the backup: it has neither ${META_KEYS.full} nor ${META_KEYS.backup}`,
    );
  }
  refuseFormat(head);
  const { size, collections } = await joinLevels(open);
  return { head: { ...head, size }, collections };
}

/** Newer releases know other formats. */
export function refuseFormat({ format = "" }: BackupHead): void {
  if (format === "") return;
  throw new BackupError(
    "refused",
    `Cannot read a backup in the format ${JSON.stringify(format.slice(0, 40))}: only binlogs are known`,
    {
      hint: "Use the release of zilliztech/milvus-backup that made it",
      facts: { format },
    },
  );
}

/** Backups of before databases name none. */
async function* withDatabase(collections: AsyncIterable<CollectionMeta>): AsyncGenerator<CollectionMeta> {
  for await (const collection of collections)
    yield collection.db_name === "" ? { ...collection, db_name: "default" } : collection;
}
