/** A backup as what a run has left is judged by; absent: it is gone, or has become somebody else's. */
export interface RemainsBackup {
  /** The run that made it. */
  readonly runId: string;
  readonly state: string;
}

/** What is known of a directory that a run kept for its resumption. */
export interface RunRemains {
  readonly runId: string;
  /** Of a run that made a backup. */
  readonly backup?: { readonly name: string; readonly found: RemainsBackup | undefined } | undefined;
  /** Of a restore. */
  readonly restore?: RestoreRemains | undefined;
}

interface RestoreRemains {
  readonly backup: string;
  /** Whether the backup can still be restored. */
  readonly isThere: boolean;
  /** Whether a later restore of it into the same Milvus was begun: that one would be taken up. */
  readonly isSuperseded: boolean;
  /** Whether something of it is left in the storage of its Milvus; unknown keeps the record, which alone names it. */
  readonly temporary: "none" | "some" | "unknown";
}

/** Why nobody can go on with what a dead run has left; undefined when somebody can. */
export function whyRunIsOver({ runId, backup, restore }: RunRemains): string | undefined {
  if (backup !== undefined) return whyBackupIsOver(runId, backup);
  if (restore === undefined) return `of the run ${runId}, which has left no record of what it did`;
  if (restore.temporary !== "none") return undefined;
  if (!restore.isThere) return `a restore of ${restore.backup}, which is gone`;
  return restore.isSuperseded ? `a restore of ${restore.backup} that a later one has superseded` : undefined;
}

function whyBackupIsOver(runId: string, { name, found }: NonNullable<RunRemains["backup"]>): string | undefined {
  if (found === undefined || found.runId !== runId) return `of the backup ${name}, which is gone`;
  const { state } = found;
  return state === "complete" || state === "partial" || state === "deleting"
    ? `of the backup ${name}, which is ${state === "deleting" ? "being deleted" : state}`
    : undefined;
}

/** What is recorded of the objects of one collection of a backup. */
export interface NamedObjects {
  /** Decimal. */
  readonly collection: string;
  /** How many its manifest tells of. */
  readonly count: number;
  /** Relative to the backup's directory: those in its list. */
  readonly keys: ReadonlySet<string>;
  /** Those that its meta files name; absent where they cannot be read without an identity. */
  readonly inMeta?: Iterable<string> | undefined;
}

/**
 * Why nobody can tell from these records what belongs to a collection; undefined when manifest, list and meta files agree,
 * so that an object which the list does not name is nobody's.
 */
export function whyNotTold({ collection, count, keys, inMeta }: NamedObjects): string | undefined {
  if (keys.size !== count) return `the manifest tells of ${count} objects of ${collection}, its list of ${keys.size}`;
  const other = [...keys].some((key) => collectionOf(key) !== collection);
  if (other) return `the list of the objects of ${collection} is another collection's`;
  const named = inMeta === undefined ? undefined : new Set(inMeta);
  if (named === undefined) return undefined;
  const isSame = named.size === keys.size && [...named].every((key) => keys.has(key));
  return isSame ? undefined : `the meta files name other objects of ${collection} than the list of its objects`;
}

const COLLECTION = /^binlogs\/(?:insert|delta)_log\/(\d+)\//;

/** The collection whose directory a key of a backup is in; undefined for what is in none. */
export function collectionOf(key: string): string | undefined {
  return COLLECTION.exec(key)?.[1];
}
