import { isBackupName } from "./backup-name.ts";
import { parseId } from "./ids.ts";

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

/** Everything below it is ours and no backup: locks, runs, history. Relative to the target's prefix. */
export const CONTROL_DIRECTORY = ".milvus-backup";

/** The key in a target of what has this key in a backup's directory; key "" gives the directory with its slash. */
export function keyInBackup(backup: string, key: string): string {
  if (!isBackupName(backup)) throw new RangeError(`Not a backup's name: ${JSON.stringify(backup)}`);
  return `${backup}/${key}`;
}

/** The list of a collection's objects, relative to the backup's directory. */
export function objectsListKey(collection: bigint): string {
  return `meta/objects/${collection}.jsonl.gz`;
}

/** The inverse of objectsListKey; undefined for any other key. */
export function parseObjectsListKey(key: string): bigint | undefined {
  const id = /^meta\/objects\/([^/]+)\.jsonl\.gz$/.exec(key)?.[1];
  return id === undefined ? undefined : parseId(id);
}

/** A key of ours in a target, relative to its prefix: what holds locks, captures, intents, history and pins. */
export const controlKeys = {
  /** The exclusive lock with this number; the highest one owns it. */
  exclusiveLock: (number: number): string => control("locks/x", String(number)),
  exclusiveLocks: `${CONTROL_DIRECTORY}/locks/x/`,
  sharedLock: (runId: string): string => control("locks/s", runId),
  sharedLocks: `${CONTROL_DIRECTORY}/locks/s/`,
  /** What a run keeps for its resumption: key "" gives the directory with its slash. */
  run: (runId: string, key: string): string => `${control("runs", runId)}/${key}`,
  runs: `${CONTROL_DIRECTORY}/runs/`,
  intent: (runId: string): string => control("intents", runId),
  intents: `${CONTROL_DIRECTORY}/intents/`,
  history: (runId: string): string => control("history", runId),
  histories: `${CONTROL_DIRECTORY}/history/`,
  pin: (backup: string): string => control("pins", backup),
  pins: `${CONTROL_DIRECTORY}/pins/`,
} as const;

function control(directory: string, name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/.test(name))
    throw new RangeError(`Not a name for a key: ${JSON.stringify(name)}`);
  return `${CONTROL_DIRECTORY}/${directory}/${name}`;
}
