/** The calls of the library that keep targets in order; src/index.ts gives them to programs. */
import type {
  CollectGarbageOptions,
  PinBackupOptions,
  PruneBackupsOptions,
  RewrapBackupOptions,
  UnlockTargetOptions,
  UnpinBackupOptions,
} from "../core/contracts/library.ts";
import type { CollectedTarget } from "./collect-garbage.ts";
import { callAs } from "./library-caller.ts";
import type { PinnedBackup, Pinning } from "./pin-backup.ts";
import type { PrunedTarget } from "./prune-backups.ts";
import type { RewrappedBackup } from "./rewrap-backup.ts";
import type { Unlocking } from "./unlock-target.ts";

/**
 * Deletes in each target of a policy what its retention does not keep: one entry for each that has retention. A report
 * says what could not be deleted. It rejects with "refused", and deletes nothing at all, when of one target more would go
 * than may go at once.
 */
export function pruneBackups(options: PruneBackupsOptions): Promise<readonly PrunedTarget[]> {
  return callAs(options, async (caller) => {
    const commands = await import("./prune-backups.ts");
    return commands.pruneBackups(options, caller);
  });
}

/**
 * A pass of garbage collection in each target: finishes deletions, deletes what an earlier pass noted, notes the rest. It
 * rejects when one of them cannot be looked at, or is locked.
 */
export function collectGarbage(options: CollectGarbageOptions = {}): Promise<readonly CollectedTarget[]> {
  return callAs(options, async (caller) => {
    const commands = await import("./collect-garbage.ts");
    return commands.collectGarbage(options, caller);
  });
}

/** Keeps a backup from being deleted, in every target that has it; in place of an earlier pin. */
export function pinBackup(options: PinBackupOptions): Promise<PinnedBackup> {
  return callAs(options, async (caller) => {
    const commands = await import("./pin-backup.ts");
    return commands.pinBackup(options, caller);
  });
}

/** Lets a backup be deleted again; also one that is not pinned. */
export function unpinBackup(options: UnpinBackupOptions): Promise<Pinning> {
  return callAs(options, async (caller) => {
    const commands = await import("./pin-backup.ts");
    return commands.unpinBackup(options, caller);
  });
}

/** Removes the locks that nobody holds any more, or those of a run; the locks that there are with `dryRun`. */
export function unlockTarget(options: UnlockTargetOptions = {}): Promise<Unlocking> {
  return callAs(options, async (caller) => {
    const commands = await import("./unlock-target.ts");
    const confirm = async (): Promise<boolean> => options.dryRun !== true;
    return commands.unlockTarget({ ...options, confirm }, caller);
  });
}

/** Gives the key of an encrypted backup to other recipients, in one target. */
export function rewrapBackup(options: RewrapBackupOptions): Promise<RewrappedBackup> {
  return callAs(options, async (caller) => {
    const commands = await import("./rewrap-backup.ts");
    return commands.rewrapBackup(options, caller);
  });
}
