import type { Call, Storage } from "../core/contracts/storage.ts";
import { findStanding, standingOf } from "../core/judge-checks.ts";
import type { StoredCheck } from "../format/check-key.ts";
import { listChecks, ofThisBackup } from "./checks.ts";
import { describeEntry } from "./describe-entry.ts";
import type { BackupEntry } from "./entry.ts";

/** A backup of which a check found damage that nothing has taken back since, and that check. */
export interface DamagedBackup {
  readonly entry: BackupEntry;
  readonly check: StoredCheck;
  /** Those before it whose damage stands as well, the newest first. */
  readonly earlier: readonly StoredCheck[];
}

/** Those of a target, by one listing of its checks: only what is damaged is looked at. */
export async function listDamaged(storage: Storage, call: Call = {}): Promise<readonly DamagedBackup[]> {
  const damaged: DamagedBackup[] = [];
  for (const [backup, checks] of await listChecks(storage, call)) {
    if (findStanding(checks) === undefined) continue;
    const entry = await describeEntry(storage, backup, call);
    const [check, ...earlier] = entry === undefined ? [] : standingOf(ofThisBackup(entry, checks));
    if (entry !== undefined && check !== undefined) damaged.push({ entry, check, earlier });
  }
  return damaged;
}
