import type { CheckLevel, CheckPart } from "./check-level.ts";
import { formatLevel } from "./check-level.ts";
import type { CollectionName } from "./collection-name.ts";
import { formatName } from "./collection-name.ts";
import { formatBytes, formatCount, formatPlural } from "./quantities.ts";

/** What is wrong with one thing of a backup. */
export interface Damage {
  /** unreadable: it does not parse. different: parts of the backup contradict each other, or the source. */
  readonly kind: "unreadable" | "missing" | "extra" | "resized" | "changed" | "different";
  readonly collection?: CollectionName | undefined;
  /** Of the object, decimal; -1 for L0 segments of all partitions. */
  readonly partition?: string | undefined;
  readonly segment?: string | undefined;
  /** Relative to the backup's directory. */
  readonly key?: string | undefined;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  /** One sentence. */
  readonly message: string;
  /** What it was written anew from; absent when it still is as it was found. */
  readonly healedFrom?: string | undefined;
}

/** What a check of one backup in one target came to. */
export interface CheckOutcome {
  readonly backup: string;
  readonly target: string;
  readonly level: CheckLevel;
  /** Absent when all of it was looked at. */
  readonly part?: CheckPart | undefined;
  readonly verdict: "ok" | "damaged";
  /** What it has proven, where that is less than its level: it had nothing to compare with. */
  readonly proven?: CheckLevel | undefined;
  /** Without an identity: as far as lists and checksums in the clear go. Nothing is called verified by it. */
  readonly isSealed?: true | undefined;
  readonly collections: number;
  /** Of the backup's payload, those that were looked at. */
  readonly objects: number;
  readonly bytes: number;
  /** The first of it; damageFound counts all. */
  readonly damage: readonly Damage[];
  readonly damageFound: number;
  /** Of a repair that left damage: who was asked for it and has it not. */
  readonly asked?: readonly string[] | undefined;
  /** What such a check proves elsewhere, and here cannot, a sentence each. */
  readonly unproven: readonly string[];
  /** What else is worth knowing, such as the recall of a drill's searches. */
  readonly notes: readonly string[];
}

/** Of all that a person or a report can take in. */
export const DAMAGE_SHOWN = 1000;

/** The step of a plan that an outcome is of. */
export function checkStepId({ backup, target, level, part }: CheckOutcomeName): string {
  return `${formatLevel(level, part)} of ${backup} in ${target}`;
}

export type CheckOutcomeName = Pick<CheckOutcome, "backup" | "target" | "level" | "part">;

/** Damage that nothing has healed. */
export function standingDamage({ damage }: Pick<CheckOutcome, "damage">): readonly Damage[] {
  return damage.filter(({ healedFrom }) => healedFrom === undefined);
}

/** "shop.orders, segment 12, binlogs/…: it is 3 bytes, not 4" */
export function formatDamage({ collection, segment, key, message, healedFrom }: Damage): string {
  const where = [
    ...(collection === undefined ? [] : [formatName(collection)]),
    ...(segment === undefined ? [] : [`segment ${segment}`]),
    ...(key === undefined ? [] : [key]),
  ].join(", ");
  const healed = healedFrom === undefined ? "" : `; healed from ${healedFrom}`;
  return `${where === "" ? "" : `${where}: `}${message}${healed}`;
}

export function formatOutcome(outcome: CheckOutcome): string {
  const { objects, bytes, damage, damageFound, verdict } = outcome;
  const healed = damage.length - standingDamage(outcome).length;
  const amounts = `${formatPlural(objects, "object")}, ${formatBytes(bytes)}`;
  const found = damageFound === 0 ? "" : `, ${formatCount(damageFound)} damaged`;
  return `${verdict}: ${amounts}${found}${healed === 0 ? "" : `, ${formatCount(healed)} of them healed`}`;
}
