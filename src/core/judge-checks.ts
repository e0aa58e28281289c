import { CHECK_LEVELS } from "./check-level.ts";
import type { CheckLevel, CheckPart } from "./check-level.ts";

/** What a check of a backup came to. */
export interface CheckRecord {
  readonly level: CheckLevel;
  readonly part: CheckPart;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly verdict: "ok" | "damaged";
  /** Passed as far as that goes without an identity: the meta files were not opened. */
  readonly isSealed?: true | undefined;
}

export interface CheckJudgement {
  /** The highest level that was passed, and since when every part of it is. */
  readonly verified?: { readonly level: CheckLevel; readonly at: string } | undefined;
  /** What was found and not taken back since, as a sentence. */
  readonly damaged?: string | undefined;
}

/**
 * What a backup's checks say of it together. Damage stands until a later check passes that has looked at the same; as
 * long as it stands, nothing is verified.
 */
export function judgeChecks(records: readonly CheckRecord[]): CheckJudgement {
  const standing = findStanding(records);
  if (standing !== undefined) return { damaged: describeStanding(standing) };
  const verified = findVerified(inOrderOf(records).filter(({ isSealed }) => isSealed === undefined));
  return verified === undefined ? {} : { verified };
}

/** The last check that found damage which none has taken back since. */
export function findStanding<Record extends CheckRecord>(records: readonly Record[]): Record | undefined {
  return standingOf(records)[0];
}

/** All such checks, the newest first. */
export function standingOf<Record extends CheckRecord>(records: readonly Record[]): readonly Record[] {
  const inOrder = inOrderOf(records);
  const standing = inOrder.filter(
    (record, index) =>
      record.verdict === "damaged" &&
      !inOrder.slice(index + 1).some((later) => later.verdict === "ok" && hasLookedAgain(later, record)),
  );
  return standing.toReversed();
}

export function describeStanding({ level, at }: CheckRecord): string {
  return `the ${level} check of ${at} found damage`;
}

/** The oldest first. Of two at one time nobody knows which was later, so that damage stands. */
function inOrderOf<Record extends CheckRecord>(records: readonly Record[]): readonly Record[] {
  const damagedLast = ({ verdict }: CheckRecord): number => (verdict === "damaged" ? 1 : 0);
  return records.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : damagedLast(a) - damagedLast(b)));
}

/** A spot check reads a sample, and a part of the checksums its share: neither proves the others' bytes. */
function hasLookedAgain(passed: CheckRecord, damaged: CheckRecord): boolean {
  if (passed.isSealed && damaged.level === "metadata") return false;
  if (passed.level === "restore") return true;
  if (damaged.level === "metadata" || damaged.level === "objects") return rankOf(passed.level) >= rankOf(damaged.level);
  return passed.level === damaged.level && (passed.part.of === 1 || isSamePart(passed.part, damaged.part));
}

function isSamePart(a: CheckPart, b: CheckPart): boolean {
  return a.number === b.number && a.of === b.of;
}

function findVerified(inOrder: readonly CheckRecord[]): CheckJudgement["verified"] {
  const passed = inOrder.filter(({ verdict }) => verdict === "ok");
  for (const level of CHECK_LEVELS.toReversed()) {
    const at = passedAt(passed.filter((record) => record.level === level));
    if (at !== undefined) return { level, at };
  }
  // A part alone proves what comes before its level.
  const part = passed.findLast(({ level }) => level === "checksum");
  return part && { level: "objects", at: part.at };
}

/** Of a level: the last time as a whole, or the time of the first part of a full set. */
function passedAt(passed: readonly CheckRecord[]): string | undefined {
  const times = new Map<number, Map<number, string>>();
  for (const { part, at } of passed) {
    const ofSet = times.get(part.of) ?? new Map<number, string>();
    times.set(part.of, ofSet.set(part.number, at));
  }
  const whole = [...times].flatMap(([of, parts]) =>
    parts.size === of ? [[...parts.values()].toSorted()[0] ?? ""] : [],
  );
  return whole.toSorted().at(-1);
}

function rankOf(level: CheckLevel): number {
  return CHECK_LEVELS.indexOf(level);
}
