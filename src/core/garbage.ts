/** What a target, or the bucket of a source, can hold that is nobody's. */
export type GarbageKind =
  | "stray"
  | "run"
  | "restore"
  | "temporary"
  | "intent"
  | "lock"
  | "pause"
  | "upload"
  | "check"
  | "pin";

/** An object that is nobody's, as far as one look can tell. */
export interface Garbage {
  readonly kind: GarbageKind;
  /** What it is a part of, and is deleted with: a directory with its slash, or its own key. */
  readonly place: string;
  /** The source in whose storage it is; in the target when absent. */
  readonly source?: string | undefined;
  readonly key: string;
  /** Of a write that has not ended: what the store calls it. */
  readonly upload?: string | undefined;
  readonly bytes: number;
  readonly etag?: string | undefined;
  /** ISO 8601, UTC, by the store's clock; without one nobody can tell its age, and it stays. */
  readonly modifiedAt?: string | undefined;
  readonly why: string;
}

/** What was found nobody's by an earlier pass, and since when. */
export interface GarbageCandidate extends Pick<Garbage, "source" | "key" | "upload" | "bytes" | "etag" | "modifiedAt"> {
  /** ISO 8601, UTC, by the target's clock. */
  readonly since: string;
}

/** Something that nobody touches, and why: it may be somebody's. */
export interface LeftAlone {
  readonly place: string;
  readonly why: string;
}

/** What one look at a target came to. */
export interface GarbageLook {
  readonly garbage: readonly Garbage[];
  /** Backups whose deletion was begun and not finished, by name. */
  readonly unfinished: readonly string[];
  /** Directories and objects at the top that are not ours. */
  readonly foreign: readonly string[];
  readonly left: readonly LeftAlone[];
}

/** Whether it is the same object still, and nobody has written it anew. Some stores tell times to the second only. */
export function isSameObject(
  a: Pick<Garbage, "bytes" | "etag" | "modifiedAt">,
  b: Pick<Garbage, "bytes" | "etag" | "modifiedAt">,
): boolean {
  return a.bytes === b.bytes && a.etag === b.etag && secondOf(a.modifiedAt) === secondOf(b.modifiedAt);
}

function secondOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Math.floor(Date.parse(time) / 1000);
}
