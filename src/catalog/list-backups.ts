import type { Call, Storage } from "../core/contracts/storage.ts";
import { isBackupName } from "../format/backup-name.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { listChecks, withChecks } from "./checks.ts";
import type { BackupEntry } from "./entry.ts";
import { describeEntry } from "./describe-entry.ts";
import { listPins, withPin } from "./pins.ts";
import type { PinCall } from "./pins.ts";

const READS_AT_ONCE = 128;

/**
 * The backups of a target, the newest first; those without a time last. One whose metadata cannot be read is listed as
 * failed with the reason, so that it hides nothing. What is being deleted no longer is a backup.
 */
export async function listBackups(storage: Storage, { now, ...call }: PinCall = {}): Promise<readonly BackupEntry[]> {
  const entries: BackupEntry[] = [];
  const names = backupNames(storage, call);
  const [checks, pins] = await Promise.all([
    listChecks(storage, call),
    listPins(storage, { now, ...call }),
    forEachConcurrent(names, { concurrency: READS_AT_ONCE, ...call }, async (name) => {
      const entry = await describeEntry(storage, name, call);
      if (entry !== undefined && entry.state !== "deleting") entries.push(entry);
    }),
  ]);
  return entries
    .map((entry) => withPin(withChecks(entry, checks.get(entry.name)), pins.get(entry.name)))
    .toSorted(newestFirst);
}

/** The directories of a target that can be backups, by their names. */
export async function* backupNames(storage: Storage, call: Call = {}): AsyncGenerator<string> {
  for await (const entry of storage.list("", { ...call, delimiter: "/" })) {
    const name = entry.kind === "prefix" ? entry.prefix.slice(0, -1) : "";
    if (isBackupName(name)) yield name;
  }
}

function newestFirst(a: BackupEntry, b: BackupEntry): number {
  const [first, second] = [a.startedAt ?? "", b.startedAt ?? ""];
  if (first !== second) return first < second ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}
