import { isInPart } from "../core/check-level.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import { formatPlural } from "../core/quantities.ts";
import { keyInBackup } from "../format/keys.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import { digestObject, hashObject } from "../io/hash-object.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { expectedEntries, storedBytes } from "./verify-entries.ts";
import { objectDamage } from "./verify-job.ts";
import type { Subject, Verifying } from "./verify-job.ts";

export interface ReadObjects {
  readonly objects: number;
  readonly bytes: number;
  /** A sentence for what was read and could be compared with nothing. */
  readonly unproven: readonly string[];
}

/** Reads every byte of the part, and compares it with the checksums that were recorded when it was written. */
export async function verifyChecksums(check: Verifying, subjects: readonly Subject[]): Promise<ReadObjects> {
  const { job, part, progress } = check;
  const { run, limits, objectLimit } = job;
  const total = Math.round(subjects.reduce((sum, { bytes }) => sum + bytes, 0) / part.of);
  let [objects, bytes, unproven] = [0, 0, 0];
  const items = entriesInPart(check, subjects);
  await forEachConcurrent(items, { concurrency: limits.objects, signal: run.signal }, async (item) => {
    const isProven = await objectLimit(() => verifyBytes(check, item));
    objects += 1;
    bytes += storedBytes(item.entry);
    if (!isProven) unproven += 1;
    progress({ phase: "checksum", done: bytes, total: Math.max(bytes, total), unit: "bytes" });
  });
  return { objects, bytes, unproven: unproven === 0 ? [] : [sentenceOn(check, unproven)] };
}

function sentenceOn({ isOurs }: Verifying, objects: number): string {
  const read = `${formatPlural(objects, "object")} could be read whole`;
  return isOurs
    ? `${read}, but not compared: no checksum was recorded of them`
    : `${read}, but not compared: the Go tool records no checksums`;
}

interface Item {
  readonly subject: Subject;
  readonly entry: ObjectEntry;
}

/** What is known to be damaged is not read. */
async function* entriesInPart(check: Verifying, subjects: readonly Subject[]): AsyncGenerator<Item> {
  for (const subject of subjects) {
    for await (const entry of expectedEntries(check, subject)) {
      if (isInPart(entry.key, check.part) && !check.damage.has(entry.key)) yield { subject, entry };
    }
  }
}

/** Whether the bytes are proven: right ones, or such as are noted as damaged. */
async function verifyBytes(check: Verifying, { subject, entry }: Item): Promise<boolean> {
  const { target, backup, job, damage } = check;
  const { signal } = job.run;
  const { storage } = target;
  const { key } = entry;
  const inTarget = keyInBackup(backup, key);
  const { sha256 } = entry.stored ?? entry;
  const { etag } = entry;
  const note = (message: string, facts: { readonly expected?: string; readonly found?: string } = {}): void =>
    damage.add(objectDamage({ kind: "changed", collection: subject.name, key, ...facts, message }));
  try {
    const isMd5 = sha256 === undefined && etag !== undefined;
    const found = isMd5
      ? await digestObject(storage, { key: inTarget, algorithm: "md5" }, { signal })
      : await hashObject(storage, inTarget, { signal });
    const expected = sha256 ?? etag;
    if (expected !== undefined && found !== expected) {
      note("its bytes are not those that were backed up", { expected, found });
    }
    return expected !== undefined;
  } catch (error) {
    if (!isStorageError(error, "corrupt") && !isStorageError(error, "missing")) throw error;
    note(error.message);
    return true;
  }
}
