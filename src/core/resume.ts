import type { StorageLocation } from "./contracts/storage.ts";
import { formatDuration } from "./quantities.ts";
import { isSameSet } from "./same-set.ts";

interface Encrypted {
  readonly recipients: readonly string[];
}

interface UnfinishedManifest {
  readonly runId: string;
  readonly state: string;
  readonly encryption?: Encrypted | undefined;
}

/** A backup that a run began and did not commit, as far as deciding goes. */
export interface UnfinishedBackup {
  readonly backup: string;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The digest of what was asked for. */
  readonly asked: string;
  readonly source: StorageLocation;
  /** The run that its manifest names, and the state; absent without one. */
  readonly manifest?: UnfinishedManifest | undefined;
  /** Whether somebody makes it just now, as far as can be known. */
  readonly isLive: boolean;
  /** Whether there is anything that would not have to be done again. */
  readonly hasCaptures: boolean;
}

/** What a run is to make now. */
export interface ResumeWish {
  readonly asked: string;
  readonly source: StorageLocation;
  /** To whom it is to be encrypted. */
  readonly encryption?: Encrypted | undefined;
  readonly now: Date;
  /** --resume: whatever its age. */
  readonly isOrdered: boolean;
}

/**
 * How old a backup may be that a run takes up by itself: what was captured then is in the backup as it was then, and who
 * runs a policy every night wants tonight's rows.
 */
export const RESUMED_WITHIN_MS: number = 6 * 3_600_000;

/** Why a run does not go on with an unfinished backup; undefined when it does. */
export function whyNotResumed(unfinished: UnfinishedBackup, wish: ResumeWish): string | undefined {
  const { manifest, runId } = unfinished;
  if (manifest === undefined || manifest.runId !== runId) return "what it had copied is no longer there";
  if (manifest.state === "deleting") return "it is being deleted";
  if (unfinished.isLive) return `the run ${runId} may still be making it: its lease is fresh`;
  if (unfinished.asked !== wish.asked) return "what is to be backed up was changed since it was begun";
  if (!isSamePlace(unfinished.source, wish.source)) return "the source keeps its segments elsewhere now";
  if (!isForSame(manifest.encryption, wish.encryption)) {
    return "it is encrypted to others than it is to be now";
  }
  return wish.isOrdered ? undefined : whyNotByItself(unfinished, wish.now);
}

function whyNotByItself({ startedAt, hasCaptures }: UnfinishedBackup, now: Date): string | undefined {
  const ageMs = now.getTime() - Date.parse(startedAt);
  if (!hasCaptures) return "nothing was captured for it yet";
  if (ageMs < -CLOCK_SKEW_MS) return `it was begun at ${startedAt}, which is not yet now`;
  return ageMs > RESUMED_WITHIN_MS ? `it was begun ${formatDuration(ageMs)} ago` : undefined;
}

const CLOCK_SKEW_MS = 5 * 60_000;

function isForSame(found: Encrypted | undefined, wanted: Encrypted | undefined): boolean {
  if (found === undefined || wanted === undefined) return found === wanted;
  return isSameSet(found.recipients, wanted.recipients);
}

/** Whoever asks, and by whatever region. */
function isSamePlace(a: StorageLocation, b: StorageLocation): boolean {
  return (["type", "endpoint", "bucket", "path", "prefix"] as const).every((part) => a[part] === b[part]);
}
