import { createWriteStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { BackupError } from "../core/errors.ts";
import { compareObjects, formatDifferences, hasDifferences } from "../core/copy-plan.ts";
import type { PlannedObject } from "../core/copy-plan.ts";
import type { ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { keyInBackup, objectsListKey } from "../format/keys.ts";
import { encodeObjectLine } from "../format/objects-list.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import { fileBody } from "../io/body.ts";
import { listPayload } from "./payload.ts";
import type { Job } from "./places.ts";
import type { Progress } from "./progress.ts";
import { inScratch } from "./scratch.ts";
import type { Spool } from "./spool.ts";
import { transferObjects } from "./transfer-objects.ts";

export interface CollectionCopy {
  readonly backup: string;
  readonly collectionId: bigint;
  readonly objects: readonly PlannedObject[];
}

/** Copies a collection's objects into the backup, compares what is there with the plan, and writes the list of them. */
export async function copyCollection(
  job: Job,
  copy: CollectionCopy,
  { spool, progress }: { readonly spool: Spool; readonly progress: Progress },
): Promise<void> {
  const records = await copyObjects(job, copy, progress);
  await compareCopy(job.target.storage, copy, job.run.signal);
  const list = path.join(spool.directory, `${copy.collectionId}.jsonl.gz`);
  const { signal } = job.run;
  await inScratch(spool.directory, () =>
    pipeline(records.map(encodeObjectLine), createGzip(), createWriteStream(list), { signal }),
  );
  const key = keyInBackup(copy.backup, objectsListKey(copy.collectionId));
  await job.target.storage.write(key, await fileBody(list), { signal });
}

async function copyObjects(job: Job, copy: CollectionCopy, progress: Progress): Promise<readonly ObjectEntry[]> {
  const { source, target } = job;
  const records: ObjectEntry[] = [];
  const objects = copy.objects.map((object) => ({
    ...object,
    key: keyInBackup(copy.backup, object.key),
    recordedKey: object.key,
  }));
  const onCopied = ({ recordedKey, bytes }: (typeof objects)[number], { sha256, etag }: ObjectInfo): void => {
    records.push({ key: recordedKey, bytes, ...(sha256 === undefined ? { etag: toMd5(etag) } : { sha256 }) });
  };
  await transferObjects(job, { from: source.segments, to: target.storage, objects, onCopied }, progress);
  return records.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Milvus imports directories, not lists of files: one stray delta log would delete rows, so nothing more may be there. */
async function compareCopy(
  storage: Storage,
  { backup, collectionId, objects }: CollectionCopy,
  signal: AbortSignal,
): Promise<void> {
  const differences = await compareObjects(objects, listPayload(storage, { backup, collectionId, signal }));
  if (!hasDifferences(differences)) return;
  throw new BackupError("failed", `The copy is not what was planned: ${formatDifferences(differences)}`, {
    facts: { ...differences },
  });
}

/** An etag says something of the bytes only where it is their MD5, which it is not for objects made in parts. */
function toMd5(etag: string | undefined): string | undefined {
  return etag !== undefined && /^[0-9a-f]{32}$/.test(etag) ? etag : undefined;
}
