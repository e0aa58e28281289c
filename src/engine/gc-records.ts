import { findPin } from "../catalog/pins.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import type { Garbage } from "../core/garbage.ts";
import { checksPrefix, parseCheckKey } from "../format/check-key.ts";
import { controlKeys } from "../format/keys.ts";
import { objectsIn } from "../io/list-objects.ts";
import { toGarbage } from "./to-garbage.ts";

export interface RecordsQuery extends Call {
  /** By name, those that are being deleted among them, and what is not ours. */
  readonly isThere: (backup: string) => boolean;
  /** By the store's clock. */
  readonly now: Date;
}

/**
 * What is kept of checks and pins of backups that are gone. It is not a part of their deletion: they are also left by a
 * check that ends after it, by another tool that deletes, and where a store keeps them under a retention lock for longer.
 */
export async function findOldRecords(storage: Storage, query: RecordsQuery): Promise<readonly Garbage[]> {
  return [...(await findOldChecks(storage, query)), ...(await findOldPins(storage, query))];
}

async function findOldChecks(storage: Storage, { isThere, signal }: RecordsQuery): Promise<readonly Garbage[]> {
  const garbage: Garbage[] = [];
  for await (const info of objectsIn(storage, checksPrefix(), { signal })) {
    const check = parseCheckKey(info.key);
    if (check === undefined || isThere(check.backup)) continue; // what cannot be read may be a later release's
    const why = `checks of the backup ${check.backup}, which is gone`;
    garbage.push(toGarbage({ kind: "check", place: checksPrefix(check.backup), why }, info));
  }
  return garbage;
}

/** One that still holds stays: its backup may come back, as with a directory that was moved away. */
async function findOldPins(storage: Storage, { isThere, now, signal }: RecordsQuery): Promise<readonly Garbage[]> {
  const garbage: Garbage[] = [];
  const prefix = controlKeys.pin("_").slice(0, -1);
  for await (const info of objectsIn(storage, prefix, { signal })) {
    const backup = info.key.slice(prefix.length);
    if (isThere(backup) || (await findPin(storage, backup, { now: () => now, signal })) !== undefined) continue;
    const why = `a pin that is over, of the backup ${backup}, which is gone`;
    garbage.push(toGarbage({ kind: "pin", place: info.key, why }, info));
  }
  return garbage;
}
