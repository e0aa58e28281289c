import type { CheckLevel } from "../core/check-level.ts";
import type { Pin } from "../core/pin.ts";
import type { ManifestState } from "../format/manifest.ts";

export type BackupState = ManifestState;

/** A backup as a target lists it. */
export interface BackupEntry {
  readonly name: string;
  readonly state: BackupState;
  readonly madeBy: "milvus-backup-ts" | "go";
  /** ISO 8601, UTC; null where nothing recorded it. */
  readonly startedAt: string | null;
  readonly finishedAt?: string | undefined;
  /** Of the payload. */
  readonly bytes: number;
  /** Only who has an identity of its recipients can read it; absent for one in the clear. */
  readonly isEncrypted?: boolean | undefined;
  /** How many are in it whole. */
  readonly collections: number;
  /** Of these, how many with a part of their partitions only, as the policy wants it; absent for none. */
  readonly inPart?: number | undefined;
  readonly milvusVersion?: string | undefined;
  readonly policy?: string | undefined;
  readonly source?: string | undefined;
  /** The highest level that a check of it passed, and when (ISO 8601, UTC); absent when none did. */
  readonly verified?: { readonly level: CheckLevel; readonly at: string } | undefined;
  /** What a check found that nothing has healed since. */
  readonly damaged?: string | undefined;
  /** What keeps it from being deleted; absent when nothing does, or no longer. */
  readonly pinned?: Pin | undefined;
  /** Why it is not complete. */
  readonly reason?: string | undefined;
}
