import { createHash } from "node:crypto";
import { readObjectList } from "../catalog/object-list.ts";
import { BackupError } from "../core/errors.ts";
import { keyInBackup } from "../format/keys.ts";
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
  const { run, limits, objectLimit } = job;
  const checksums = await readChecksums(job, collectionId);
  const total = checksums.size;
  let done = 0;
  await forEachConcurrent(checksums, { concurrency: limits.objects, signal: run.signal }, async ([key, sha256]) => {
    if ((await objectLimit(() => hashOf(job, key))) !== sha256) throw bitRot(key);
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

async function hashOf({ target, backup, run }: RestoreJob, key: string): Promise<string> {
  const hash = createHash("sha256");
  const { body } = await target.storage.read(keyInBackup(backup, key), { signal: run.signal });
  for await (const chunk of body) hash.update(chunk);
  return hash.digest("hex");
}
