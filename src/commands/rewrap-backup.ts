import type { RewrapBackupOptions } from "../core/contracts/library.ts";
import { BackupError } from "../core/errors.ts";
import { checkBackupName } from "../format/backup-name.ts";
import type { Caller } from "./caller.ts";
import { findOnlyTarget } from "./find-target.ts";
import { openTarget } from "./open-places.ts";
import { readRecipients } from "./read-recipients.ts";
import { newRunId } from "./start-run.ts";
import { readIdentities } from "./unseal.ts";
import { loadWorkspace } from "./workspace.ts";

export interface RewrappedBackup {
  readonly backup: string;
  readonly target: string;
  readonly recipients: readonly string[];
}

/** Gives the key of an encrypted backup to other recipients, in one target. */
export async function rewrapBackup(options: RewrapBackupOptions, caller: Caller): Promise<RewrappedBackup> {
  const { backup } = options;
  checkBackupName(backup);
  if (options.recipients.length === 0) {
    throw new BackupError("usage", `Cannot rewrap ${backup} to nobody`, { hint: "say --recipient age1…" });
  }
  const recipients = await readRecipients(options.recipients);
  const config = await loadWorkspace(caller, options);
  const { settings } = await findOnlyTarget(config, backup, { choices: options, caller });
  const identities = await readIdentities(config, options, caller);
  await using target = await openTarget(config, settings, caller);
  const { holdLease } = await import("../catalog/lease.ts");
  const { rewrapBackup: rewrap } = await import("../catalog/rewrap-backup.ts");
  await using _lease = await holdLease(target.storage, { runId: newRunId(caller.now()), onFailure: failWith });
  await rewrap(target.storage, { backup, recipients, identities, signal: caller.signal });
  return { backup, target: target.name, recipients };
}

function failWith(error: unknown): never {
  throw error;
}
