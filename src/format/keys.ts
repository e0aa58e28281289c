import { isBackupName } from "./backup-name.ts";

/** The Go tool's meta files, relative to the backup's directory. */
export const META_KEYS = {
  backup: "meta/backup_meta.json",
  collection: "meta/collection_meta.json",
  partition: "meta/partition_meta.json",
  segment: "meta/segment_meta.json",
  full: "meta/full_meta.json",
} as const;

/** Our own record of a backup, relative to the backup's directory. */
export const MANIFEST_KEY = "meta/manifest.json";

/** Of an encrypted backup: the whole manifest, sealed; relative to the backup's directory. */
export const SEALED_MANIFEST_KEY = "meta/manifest.age";

/** Of an encrypted backup: the identity that it is sealed to, for its recipients; relative to the backup's directory. */
export const DATA_KEY_KEY = "meta/key.age";

/** The keys of an encrypted backup, by their public halves, and the file that has each for its recipients. */
export function dataKeyFiles({
  keyId,
  furtherKeys = [],
}: {
  readonly keyId: string;
  readonly furtherKeys?: readonly string[] | undefined;
}): readonly { readonly keyId: string; readonly file: string }[] {
  const further = furtherKeys.map((key) => ({ keyId: key, file: `meta/key-${key.slice(-16)}.age` }));
  return [{ keyId, file: DATA_KEY_KEY }, ...further];
}

/** The lists of objects, relative to the backup's directory. */
export const OBJECTS_DIRECTORY = "meta/objects/";

/** Everything below it is ours and no backup: locks, runs, history. Relative to the target's prefix. */
export const CONTROL_DIRECTORY = ".milvus-backup";

/** Bytes of no meaning, given up when there is no room to record a deletion. Relative to the target's prefix. */
export const RESERVE_KEY: string = `${CONTROL_DIRECTORY}/reserve`;

/** What runs keep for their resumption, a directory each. Relative to the target's prefix. */
export const RUNS_DIRECTORY: string = `${CONTROL_DIRECTORY}/runs/`;

/** The key in a target of what has this key in a backup's directory; key "" gives the directory with its slash. */
export function keyInBackup(backup: string, key: string): string {
  if (!isBackupName(backup)) throw new RangeError(`Not a backup's name: ${JSON.stringify(backup)}`);
  return `${backup}/${key}`;
}

/** The list of a collection's objects, relative to the backup's directory. */
export function objectsListKey(collection: bigint): string {
  return `${OBJECTS_DIRECTORY}${collection}.jsonl.gz`;
}

/** exclusive: of who deletes. shared: of who reads and writes. policy: of a run of a policy. */
export type LockKind = "exclusive" | "shared" | "policy";

const LOCK_DIRECTORIES: Readonly<Record<LockKind, string>> = { exclusive: "x", shared: "s", policy: "p" };

/** Keys in a target, relative to its prefix. */
interface ControlKeys {
  /** The exclusive lock with this number; the highest one owns it. */
  exclusiveLock(number: number): string;
  sharedLock(runId: string): string;
  /** What the locks of runs of a policy and a source begin with; the highest number is under way. */
  policyLocks(group: { readonly policy: string; readonly source: string }): string;
  /** What the locks of a kind begin with. */
  locks(kind: LockKind): string;
  /** Written to learn the store's time. */
  time(runId: string): string;
  /** What a run keeps for its resumption. */
  run(runId: string, name: string): string;
  intent(runId: string): string;
  history(runId: string): string;
  pin(backup: string): string;
}

/** Where locks, captures, intents, history and pins are kept; a RangeError for a name that cannot be part of a key. */
export const controlKeys: ControlKeys = {
  exclusiveLock: (number) => control("locks/x", String(number)),
  sharedLock: (runId) => control("locks/s", runId),
  policyLocks: ({ policy, source }) => `${controlKeys.locks("policy")}${inPath(source)}/${inPath(policy)}/`,
  locks: (kind) => `${CONTROL_DIRECTORY}/locks/${LOCK_DIRECTORIES[kind]}/`,
  time: (runId) => control("locks/t", runId),
  run: (runId, name) => `${control("runs", runId)}/${name}`,
  intent: (runId) => control("intents", runId),
  history: (runId) => control("history", runId),
  pin: (backup) => control("pins", backup),
};

/** A name of the config's as a part of a key. */
function inPath(name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name))
    throw new RangeError(`Not a name for a key: ${JSON.stringify(name)}`);
  return name;
}

function control(directory: string, name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/.test(name))
    throw new RangeError(`Not a name for a key: ${JSON.stringify(name)}`);
  return `${CONTROL_DIRECTORY}/${directory}/${name}`;
}
