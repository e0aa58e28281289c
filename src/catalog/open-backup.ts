import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { checkBackupName } from "../format/backup-name.ts";
import type { Manifest } from "../format/manifest.ts";
import { readBackup } from "../format/read-backup.ts";
import type { BackupReading } from "../format/read-backup.ts";
import { listChecks, withChecks } from "./checks.ts";
import type { BackupEntry } from "./entry.ts";
import { describeEntry } from "./describe-entry.ts";
import { backupNames } from "./list-backups.ts";
import { fileOpener } from "./meta-files.ts";
import { findPin, withPin } from "./pins.ts";
import type { PinCall } from "./pins.ts";
import { readEntry } from "./read-entry.ts";
import { readManifest } from "./read-manifest.ts";

export interface OpenBackup extends BackupReading {
  readonly entry: BackupEntry;
  /** Absent in backups of the Go tool. */
  readonly manifest: Manifest | undefined;
}

/**
 * A backup that can be restored. BackupErrors: "not-found" without it, "refused" when it never became one, "damaged" when
 * its metadata cannot be read.
 */
export async function openBackup(storage: Storage, name: string, call: Call = {}): Promise<OpenBackup> {
  const committed = await openCommitted(storage, name, call);
  return { ...committed, ...(await readBackup(fileOpener(storage, name, call))) };
}

/** The same without its meta files, which of an encrypted backup not everybody can read. */
export async function openCommitted(
  storage: Storage,
  name: string,
  call: Call = {},
): Promise<Pick<OpenBackup, "entry" | "manifest">> {
  checkBackupName(name);
  const entry = (await readEntry(storage, name, call)) ?? (await findBackup(storage, name, call));
  if (entry.state !== "complete" && entry.state !== "partial") {
    throw new BackupError("refused", `The backup ${name} is ${entry.state}: it was never committed`, {
      hint: entry.state === "running" ? "it is being made" : `milvus-backup delete ${name} removes what is left of it`,
    });
  }
  return { entry, manifest: await readManifest(storage, name, call) };
}

/** Whatever there is under the name, also what never became a backup, or no longer can be read. */
export async function findBackup(storage: Storage, name: string, { now, ...call }: PinCall = {}): Promise<BackupEntry> {
  checkBackupName(name);
  const entry = await describeEntry(storage, name, call);
  if (entry !== undefined) {
    const checks = await listChecks(storage, { backup: name, ...call });
    return withPin(withChecks(entry, checks.get(name)), await findPin(storage, name, { now, ...call }));
  }
  const names: string[] = [];
  for await (const other of backupNames(storage, call)) names.push(other);
  const others = names.filter((other) => other !== name); // some stores list a directory for a while after its last object
  throw new BackupError("not-found", `There is no backup ${name}${didYouMean(name, others)}`, {
    hint: "milvus-backup list shows what there is",
  });
}
