import { readObjectList } from "../catalog/object-list.ts";
import { BackupError } from "../core/errors.ts";
import { keyInBackup } from "../format/keys.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { isIntact } from "./keep-proven.ts";
import type { Progress } from "./progress.ts";
import type { RestoreJob } from "./restore-job.ts";

/** What proves the plain bytes of an object. */
export type Checksum = Pick<ObjectEntry, "sha256" | "etag">;

/** What was recorded of a collection's objects, by key in the backup; a backup of the Go tool has no such record. */
export async function readChecksums(job: RestoreJob, collectionId: bigint): Promise<ReadonlyMap<string, Checksum>> {
  const { target, backup, run, isOurs } = job;
  const checksums = new Map<string, Checksum>();
  if (!isOurs) return checksums;
  const list = readObjectList(target.storage, { backup, collectionId, signal: run.signal });
  for await (const { key, sha256, etag } of list) {
    if (sha256 !== undefined || etag !== undefined) checksums.set(key, { sha256, etag });
  }
  return checksums;
}

/**
 * Reads what Milvus is going to read by itself, since it would import rotten vectors without a word; BackupError
 * "damaged" at the first object whose bytes are not those that were backed up.
 */
export async function checkChecksums(job: RestoreJob, collectionId: bigint, progress: Progress): Promise<void> {
  const { run, limits, objectLimit, target, backup } = job;
  const { signal } = run;
  const checksums = await readChecksums(job, collectionId);
  const total = checksums.size;
  let done = 0;
  await forEachConcurrent(checksums, { concurrency: limits.objects, signal }, async ([key, entry]) => {
    const info = { key: keyInBackup(backup, key) }; // what the store says of it without reading proves nothing
    if (!(await objectLimit(() => isIntact(target.storage, { entry, info }, signal)))) throw bitRot(key);
    done += 1;
    progress({ phase: "checksum", done, total, unit: "objects" });
  });
}

export function bitRot(key: string): BackupError {
  return new BackupError("damaged", `${key} is not what it was when it was backed up: its checksum is another`, {
    hint: "take it from another copy of the backup, or leave its collection out with --collections",
    facts: { key },
  });
}
