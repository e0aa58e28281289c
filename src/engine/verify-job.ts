import { DAMAGE_SHOWN } from "../core/check-outcome.ts";
import type { Damage } from "../core/check-outcome.ts";
import type { CheckPart } from "../core/check-level.ts";
import type { CollectionName } from "../core/collection-name.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { isBackupError, messageOf } from "../core/errors.ts";
import { parsePayloadKey } from "../format/payload-keys.ts";
import type { Manifest } from "../format/manifest.ts";
import type { ObjectSpool } from "./object-spool.ts";
import type { OpenTarget } from "./places.ts";
import type { Progress } from "./progress.ts";
import type { TransferJob } from "./transfer-objects.ts";

/** What the levels of one check share. */
export interface Verifying {
  readonly job: TransferJob;
  /** As who has the identities sees the backup; without them as it is stored. */
  readonly target: OpenTarget;
  /** The target as it stores an encrypted backup. */
  readonly stored: Storage;
  readonly backup: string;
  /** Absent in backups of the Go tool, and where it cannot be read. */
  readonly manifest: Manifest | undefined;
  /** Made by this tool: there should be a manifest, and lists of objects. */
  readonly isOurs: boolean;
  /** What the meta files name. */
  readonly spool: ObjectSpool;
  readonly part: CheckPart;
  readonly damage: DamageLog;
  readonly progress: Progress;
}

/** A collection whose meta can be read: what it says of its objects. */
export interface Subject {
  /** Decimal. */
  readonly id: string;
  readonly name: CollectionName;
  readonly objects: { readonly insert: number; readonly delta: number };
  readonly bytes: number;
  /** Whether there is a list of its objects that can be read. */
  readonly hasList: boolean;
}

/** Collects what is wrong: all of it is counted, the first of it kept. */
export interface DamageLog {
  add(damage: Damage): void;
  readonly kept: Damage[];
  readonly found: number;
  /** Whether something is wrong with this object already. */
  has(key: string): boolean;
}

export function createDamageLog(): DamageLog {
  const kept: Damage[] = [];
  const keys = new Set<string>();
  let found = 0;
  return {
    kept,
    get found() {
      return found;
    },
    has: (key) => keys.has(key),
    add: (damage) => {
      found += 1;
      if (damage.key !== undefined) keys.add(damage.key);
      if (kept.length < DAMAGE_SHOWN) kept.push(damage);
    },
  };
}

/** Names the object's partition and segment by its key. */
export function objectDamage(damage: Damage & { readonly key: string }): Damage {
  const log = parsePayloadKey(damage.key);
  return log === undefined
    ? damage
    : { ...damage, partition: log.partition.toString(), segment: log.segment.toString() };
}

/** Does the work; what it finds damaged is noted, and undefined given. What is out of reach is no damage: it flies. */
export async function noteDamage<T>(
  log: DamageLog,
  where: { readonly collection?: CollectionName; readonly key?: string },
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const isDamage = (isBackupError(error) && error.code === "damaged") || isStorageError(error, "corrupt");
    if (!isDamage) throw error;
    const file = isBackupError(error) ? error.facts["file"] : undefined;
    const key = typeof file === "string" && file.startsWith("meta/") ? { key: file } : {};
    log.add({ kind: "unreadable", ...where, ...key, message: messageOf(error) });
    return undefined;
  }
}

/** The same for what comes to light when rows are compared: it is about bytes, whatever could not be made of them. */
export async function noteDifference(
  log: DamageLog,
  collection: CollectionName,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isBackupError(error) || error.code !== "damaged") throw error;
    log.add({ kind: "different", collection, message: messageOf(error) });
  }
}
