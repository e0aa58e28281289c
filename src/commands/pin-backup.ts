import { removePin, writePin } from "../catalog/pins.ts";
import type { PinBackupOptions, UnpinBackupOptions } from "../core/contracts/library.ts";
import { BackupError } from "../core/errors.ts";
import { findUntil } from "../core/pin.ts";
import type { Pin } from "../core/pin.ts";
import { checkBackupName } from "../format/backup-name.ts";
import { whoami } from "../io/whoami.ts";
import type { Caller } from "./caller.ts";
import { findCopies } from "./find-target.ts";
import { openTarget, targetName } from "./open-places.ts";
import { loadWorkspace } from "./workspace.ts";

/** The targets where a pin was changed. */
export interface Pinning {
  readonly targets: readonly string[];
  /** Of targets that could not be looked at, a sentence each. */
  readonly warnings: readonly string[];
}

/** The same, and the pin that is there now. */
export interface PinnedBackup extends Pinning {
  readonly pin: Pin;
}

/** Keeps a backup from being deleted, in every target that has it or in the one that is chosen. */
export async function pinBackup(options: PinBackupOptions, caller: Caller): Promise<PinnedBackup> {
  const { backup, reason } = options;
  const until = readUntil(options.until, caller.now());
  const pin: Pin = { at: caller.now().toISOString(), reason, until, by: whoami() };
  const changed = await changeAll(options, caller, async ({ storage, state }) => {
    if (state === "deleting") {
      throw new BackupError("refused", `Cannot pin ${backup}: it is being deleted`, {
        hint: `milvus-backup delete ${backup} --yes finishes that`,
      });
    }
    await writePin(storage, { backup, pin }, { signal: caller.signal });
  });
  return { ...changed, pin };
}

/** Lets a backup be deleted again; also one that is not pinned. */
export function unpinBackup(options: UnpinBackupOptions, caller: Caller): Promise<Pinning> {
  return changeAll(options, caller, ({ storage }) => removePin(storage, options.backup, { signal: caller.signal }));
}

interface Place extends Pick<Awaited<ReturnType<typeof openTarget>>, "storage"> {
  readonly state: string;
}

async function changeAll(
  options: UnpinBackupOptions,
  caller: Caller,
  change: (place: Place) => Promise<void>,
): Promise<Pinning> {
  checkBackupName(options.backup);
  const config = await loadWorkspace(caller, options);
  const { found, warnings } = await findCopies(config, options.backup, { choices: options, caller });
  const targets: string[] = [];
  for (const { settings, entry } of found) {
    await using target = await openTarget(config, settings, caller);
    await change({ storage: target.storage, state: entry.state });
    targets.push(targetName(settings));
  }
  return { targets, warnings };
}

function readUntil(text: string | undefined, now: Date): string | undefined {
  if (text === undefined) return undefined;
  const until = findUntil(text);
  const hint = "say a date, as 2027-01-31, or a time, as 2027-01-31T12:00:00Z";
  if (until === undefined) throw new BackupError("usage", `Cannot pin until ${JSON.stringify(text)}`, { hint });
  if (until > now) return until.toISOString();
  throw new BackupError("usage", `Cannot pin until ${text}: that is over`, { hint });
}
