import { readObjectList } from "../catalog/object-list.ts";
import { BackupError } from "../core/errors.ts";
import { keyInBackup } from "../format/keys.ts";
import { hashObject } from "../io/hash-object.ts";
import { forEachConcurrent } from "../io/limit.ts";
import type { Progress } from "./progress.ts";
import type { RestoreJob } from "./restore-job.ts";

/** The recorded sha256 of a collection's objects, by key in the backup; a backup of the Go tool has none. */
export async function readChecksums(job: RestoreJob, collectionId: bigint): Promise<ReadonlyMap<string, string>> {
  const { target, backup, run, isOurs } = job;
  const checksums = new Map<string, string>();
  if (!isOurs) return checksums;
  for await (const { key, sha256 } of readObjectList(target.storage, { backup, collectionId, signal: run.signal })) {
    if (sha256 !== undefined) checksums.set(key, sha256);
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
  await forEachConcurrent(checksums, { concurrency: limits.objects, signal }, async ([key, sha256]) => {
    const found = await objectLimit(() => hashObject(target.storage, keyInBackup(backup, key), { signal }));
    if (found !== sha256) throw bitRot(key);
    done += 1;
    progress({ phase: "checksum", done, total, unit: "objects" });
  });
}

export function bitRot(key: string): BackupError {
  return new BackupError("damaged", `${key} is not what it was when it was backed up: its sha256 is another`, {
    hint: "take it from another copy of the backup, or leave its collection out with --collections",
    facts: { key },
  });
}
