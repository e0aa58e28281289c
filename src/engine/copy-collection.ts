import { readObjectList } from "../catalog/object-list.ts";
import { storedFormOf } from "../catalog/sealed-storage.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import { compareObjects, formatDifferences, hasDifferences } from "../core/copy-plan.ts";
import type { PlannedObject } from "../core/copy-plan.ts";
import type { ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { keyInBackup } from "../format/keys.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import { openCopiedParts } from "./copied-parts.ts";
import { keepProven, storedBytes } from "./keep-proven.ts";
import { listPayload } from "./payload.ts";
import type { Job } from "./places.ts";
import type { Progress } from "./progress.ts";
import type { RunState } from "./run-state.ts";
import type { Spool } from "./spool.ts";
import { transferObjects } from "./transfer-objects.ts";
import { writeObjectList } from "./write-object-list.ts";

export interface CollectionCopy {
  readonly backup: string;
  readonly collectionId: bigint;
  readonly objects: readonly PlannedObject[];
}

export interface CopyMeans {
  readonly spool: Spool;
  readonly progress: Progress;
  readonly state: RunState;
  /** Whether something may be there of an earlier run. */
  readonly isResumed: boolean;
}

/**
 * Copies a collection's objects into the backup, compares what is there with the plan, and writes the list of them.
 * Gives back how many an earlier run had brought.
 */
export async function copyCollection(job: Job, copy: CollectionCopy, means: CopyMeans): Promise<number> {
  const { spool, state, isResumed } = means;
  const { signal } = job.run;
  const kept = isResumed ? await keepRecorded(job, copy, state) : [];
  const records = await copyObjects(job, { ...copy, kept }, means);
  await compareCopy(job.target.storage, { ...copy, records }, signal);
  const { directory } = spool;
  await writeObjectList(job.target.storage, { ...copy, entries: records, directory, signal });
  return kept.length;
}

/** What an earlier run recorded of its copies, where it is still true. */
async function keepRecorded(job: Job, copy: CollectionCopy, state: RunState): Promise<readonly ObjectEntry[]> {
  const { backup, collectionId, objects } = copy;
  const { storage } = job.target;
  const sizes = new Map(objects.map(({ key, bytes }) => [key, bytes]));
  const recorded = await readRecorded(job, copy, state);
  const recordOf = (key: string): ObjectEntry | undefined => {
    const entry = recorded.get(key);
    return entry?.bytes === sizes.get(key) ? entry : undefined;
  };
  const isExpected = (key: string): boolean => sizes.has(key);
  const kept = await keepProven(job, { storage, backup, collectionId, recordOf, isExpected });
  return [...kept].flatMap((key) => recorded.get(key) ?? []);
}

/** In parts while it was copied, in its list when it was whole; a list that cannot be read proves nothing. */
async function readRecorded(
  { run, target }: Job,
  { backup, collectionId }: CollectionCopy,
  state: RunState,
): Promise<ReadonlyMap<string, ObjectEntry>> {
  const { signal } = run;
  const recorded = await state.readCopied(collectionId.toString());
  try {
    for await (const entry of readObjectList(target.storage, { backup, collectionId, signal })) {
      recorded.set(entry.key, entry);
    }
  } catch (error) {
    if (!isBackupError(error) || error.code !== "damaged") throw error;
  }
  return recorded;
}

type PartlyCopied = CollectionCopy & { readonly kept: readonly ObjectEntry[] };

async function copyObjects(job: Job, copy: PartlyCopied, means: CopyMeans): Promise<readonly ObjectEntry[]> {
  const { source, target } = job;
  const records = [...copy.kept];
  const there = new Set(copy.kept.map(({ key }) => key));
  const objects = copy.objects
    .filter(({ key }) => !there.has(key))
    .map((object) => ({ ...object, key: keyInBackup(copy.backup, object.key), recordedKey: object.key }));
  const parts = openCopiedParts(means.state, copy.collectionId);
  const onCopied = async ({ recordedKey, bytes }: (typeof objects)[number], info: ObjectInfo): Promise<void> => {
    const { sha256, etag } = info;
    const stored = storedFormOf(info);
    const proof = sha256 === undefined ? { etag: toMd5(etag) } : { sha256 };
    const entry = { key: recordedKey, bytes, ...proof, ...(stored && { stored }) };
    records.push(entry);
    await parts.add(entry);
  };
  try {
    await transferObjects(job, { from: source.segments, to: target.storage, objects, onCopied }, means.progress);
  } catch (error) {
    await parts.leave(job.run);
    throw error;
  }
  return records.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Milvus imports directories, not lists of files: one stray delta log would delete rows, so nothing more may be there. */
async function compareCopy(
  storage: Storage,
  { backup, collectionId, objects, records }: CollectionCopy & { readonly records: readonly ObjectEntry[] },
  signal: AbortSignal,
): Promise<void> {
  const stored = new Map(records.map((entry) => [entry.key, storedBytes(entry)]));
  const expected = objects.map(({ key, bytes }) => ({ key, bytes: stored.get(key) ?? bytes }));
  const differences = await compareObjects(expected, listPayload(storage, { backup, collectionId, signal }));
  if (!hasDifferences(differences)) return;
  throw new BackupError("failed", `The copy is not what was planned: ${formatDifferences(differences)}`, {
    facts: { ...differences },
  });
}

/** An etag says something of the bytes only where it is their MD5, which it is not for objects made in parts. */
function toMd5(etag: string | undefined): string | undefined {
  return etag !== undefined && /^[0-9a-f]{32}$/.test(etag) ? etag : undefined;
}
