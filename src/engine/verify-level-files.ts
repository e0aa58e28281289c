import { createHash } from "node:crypto";
import { DEFAULT_DATABASE } from "../core/select.ts";
import { keyInBackup, META_KEYS } from "../format/keys.ts";
import { count, readHead, readLevel } from "../format/meta-files.ts";
import type { OpenFile } from "../format/meta-files.ts";
import { encodeMessage } from "../format/encode-message.ts";
import { COLLECTION, PARTITION, SEGMENT } from "../format/messages.ts";
import type { BackupHead, CollectionMeta } from "../format/meta.ts";
import { encodeBackupMeta } from "../format/write-meta.ts";
import type { SpooledCollection } from "./object-spool.ts";
import { noteDamage } from "./verify-job.ts";
import type { Verifying } from "./verify-job.ts";

/** Of each collection what its partitions come to, in one file or another. */
interface Sums {
  /** Of its own: 1, unless it is missing or there twice. */
  entries: number;
  partitions: number;
  segments: number;
  bytes: bigint;
  rows: bigint;
  /** A digest of all that is said of the collection itself: its name, its schema, its partitions' names. */
  description: string;
}

interface LevelSums {
  add(spooled: Pick<SpooledCollection, "collection" | "levels">): void;
  ids(): Iterable<bigint>;
  of(collection: bigint): Sums | undefined;
}

/** L0 segments of all partitions are not in the level files. */
export function createLevelSums(): LevelSums {
  const sums = new Map<bigint, Sums>();
  return {
    add: ({ collection, levels }) => {
      const { collection_id, partition_backups = [] } = collection;
      const description = describe(collection);
      sums.set(collection_id, { entries: 1, partitions: partition_backups.length, ...levels, description });
    },
    ids: () => sums.keys(),
    of: (collection) => sums.get(collection),
  };
}

/** Both files have it in one form, which its segments are no part of. */
function describe(collection: CollectionMeta): string {
  const partitions = (collection.partition_backups ?? []).map((one) => ({ ...one, segment_backups: [] }));
  const db_name = collection.db_name === "" ? DEFAULT_DATABASE : collection.db_name;
  const text = encodeMessage(COLLECTION, { ...collection, db_name, partition_backups: partitions });
  return createHash("sha256").update(text).digest("hex");
}

/** What full_meta.json tells. */
interface FullMeta {
  readonly head: BackupHead;
  readonly full: LevelSums;
}

/**
 * Whether the four level files say the same as full_meta.json, which has all that they have. A backup of the Go tool
 * needs only one of the two; ours has both. An item at a time is in memory.
 */
export async function verifyLevelFiles(check: Verifying, open: OpenFile, { head, full }: FullMeta): Promise<void> {
  const isThere = await whichAreThere(check);
  const levels = new Map<bigint, Sums>();
  const own = (id: bigint): Sums => {
    const sums = levels.get(id) ?? { entries: 0, partitions: 0, segments: 0, bytes: 0n, rows: 0n, description: "" };
    levels.set(id, sums);
    return sums;
  };
  const read = (key: string, work: () => Promise<void>): Promise<void | undefined> =>
    isThere.has(key) ? noteDamage(check.damage, { key }, work) : Promise.resolve();
  await read(META_KEYS.backup, async () => compareHeads(check, head, await readHead(open)));
  await read(META_KEYS.collection, async () => {
    for await (const collection of readLevel(open, META_KEYS.collection, COLLECTION)) {
      const sums = own(collection.collection_id);
      sums.entries += 1;
      sums.description = describe(collection);
    }
  });
  await read(META_KEYS.partition, async () => {
    for await (const { collection_id } of readLevel(open, META_KEYS.partition, PARTITION)) {
      own(collection_id).partitions += 1;
    }
  });
  await read(META_KEYS.segment, async () => {
    for await (const segment of readLevel(open, META_KEYS.segment, SEGMENT)) {
      const sums = own(segment.collection_id);
      sums.segments += 1;
      sums.bytes += segment.size;
      sums.rows += segment.num_of_rows ?? 0n;
    }
  });
  if (isThere.size === LEVELS.length && isSound(check)) compare(check, { full, levels });
}

/** Whether each of those that are not known to be damaged is there and can be read; no more can be said without full_meta.json. */
export async function readLevelFiles({ target, backup, damage, job }: Verifying, open: OpenFile): Promise<void> {
  const { signal } = job.run;
  const readers: Readonly<Record<(typeof LEVELS)[number], () => Promise<unknown>>> = {
    [META_KEYS.backup]: () => readHead(open),
    [META_KEYS.collection]: () => count(readLevel(open, META_KEYS.collection, COLLECTION)),
    [META_KEYS.partition]: () => count(readLevel(open, META_KEYS.partition, PARTITION)),
    [META_KEYS.segment]: () => count(readLevel(open, META_KEYS.segment, SEGMENT)),
  };
  for (const key of LEVELS) {
    if (damage.has(key)) continue;
    const isThere = (await target.storage.stat(keyInBackup(backup, key), { signal })) !== undefined;
    if (isThere) await noteDamage(damage, { key }, readers[key]);
    else damage.add({ kind: "missing", key, message: "the file is not there" });
  }
}

/** One commit of ours writes the same into both; releases of the Go tool do not. */
function compareHeads({ isOurs, damage }: Verifying, full: BackupHead, found: BackupHead | undefined): void {
  if (!isOurs || found === undefined || encodeBackupMeta(found) === encodeBackupMeta(full)) return;
  const message = `it does not say of the backup what ${META_KEYS.full} does`;
  damage.add({ kind: "different", key: META_KEYS.backup, message });
}

const LEVELS = [META_KEYS.backup, META_KEYS.collection, META_KEYS.partition, META_KEYS.segment] as const;

/** Without full_meta.json they have been read and joined already: there is nothing to compare them with. */
async function whichAreThere({ target, backup, isOurs, damage, job }: Verifying): Promise<ReadonlySet<string>> {
  const { signal } = job.run;
  const there = new Set<string>();
  for (const key of [...LEVELS, META_KEYS.full]) {
    const info = await target.storage.stat(keyInBackup(backup, key), { signal });
    if (info !== undefined) there.add(key);
    else if (isOurs) damage.add({ kind: "missing", key, message: "the file is not there" });
  }
  const hasFull = there.delete(META_KEYS.full);
  return hasFull ? there : new Set();
}

function isSound({ damage }: Verifying): boolean {
  return !damage.kept.some(({ key }) => key !== undefined && LEVELS.some((level) => level === key));
}

function compare(
  { damage, isOurs }: Verifying,
  { full, levels }: { readonly full: LevelSums; readonly levels: ReadonlyMap<bigint, Sums> },
): void {
  for (const id of new Set([...full.ids(), ...levels.keys()])) {
    const [a, b] = [full.of(id), levels.get(id)];
    for (const what of ["entries", "partitions", "segments", "bytes", "rows"] as const) {
      const [expected, found] = [String(a?.[what] ?? "none"), String(b?.[what] ?? "none")];
      if (expected === found) continue;
      const message = `of collection ${id} ${META_KEYS.full} has ${expected} ${what}, the level files have ${found}`;
      damage.add({ kind: "different", key: META_KEYS.full, expected, found, message });
      break;
    }
    if (isOurs && isOther(a, b)) {
      const message = `${META_KEYS.collection} does not say of collection ${id} what ${META_KEYS.full} does`;
      damage.add({ kind: "different", key: META_KEYS.collection, message });
    }
  }
}

/** Releases of the Go tool do not describe it the same in both. */
function isOther(a: Sums | undefined, b: Sums | undefined): boolean {
  return a !== undefined && b !== undefined && a.description !== b.description;
}
