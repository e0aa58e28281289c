import type { Call, Storage } from "../core/contracts/storage.ts";
import { isBackupError, messageOf } from "../core/errors.ts";
import { isBackupName } from "../format/backup-name.ts";
import { createLimit } from "../io/limit.ts";
import type { BackupEntry } from "./entry.ts";
import { readEntry } from "./read-entry.ts";

const READS_AT_ONCE = 16;

/**
 * The backups of a target, the newest first; those without a time last. One whose metadata cannot be read is listed as
 * failed with the reason, so that it hides nothing. What is being deleted no longer is a backup.
 */
export async function listBackups(storage: Storage, call: Call = {}): Promise<readonly BackupEntry[]> {
  const limit = createLimit(READS_AT_ONCE);
  const reading: Promise<BackupEntry | undefined>[] = [];
  for await (const name of backupNames(storage, call)) reading.push(limit(() => readOrExplain(storage, name, call)));
  const entries = await Promise.all(reading);
  return entries
    .flatMap((entry) => (entry === undefined || entry.state === "deleting" ? [] : [entry]))
    .toSorted(newestFirst);
}

/** The directories of a target that can be backups, by their names. */
export async function* backupNames(storage: Storage, call: Call = {}): AsyncGenerator<string> {
  for await (const entry of storage.list("", { ...call, delimiter: "/" })) {
    const name = entry.kind === "prefix" ? entry.prefix.slice(0, -1) : "";
    if (isBackupName(name)) yield name;
  }
}

async function readOrExplain(storage: Storage, name: string, call: Call): Promise<BackupEntry | undefined> {
  try {
    return await readEntry(storage, name, call);
  } catch (error) {
    if (!isBackupError(error) || error.code !== "damaged") throw error;
    return { name, state: "failed", madeBy: "go", startedAt: null, bytes: 0, collections: 0, reason: messageOf(error) };
  }
}

function newestFirst(a: BackupEntry, b: BackupEntry): number {
  const [first, second] = [a.startedAt ?? "", b.startedAt ?? ""];
  if (first !== second) return first < second ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}
