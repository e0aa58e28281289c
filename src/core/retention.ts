import type { Retention } from "./contracts/retention.ts";
import { voteByRules } from "./retention-rules.ts";

/** A backup as retention sees it: what its target, its pins and its locks say, and no more. */
export interface KeptBackup {
  readonly name: string;
  readonly state: "running" | "complete" | "partial" | "failed" | "interrupted" | "deleting";
  /** ISO 8601, UTC; null where nothing recorded it. */
  readonly startedAt: string | null;
  readonly isMetaOnly?: boolean | undefined;
  /** Not this policy's to prune, and not counted by its rules. */
  readonly isForeign?: boolean | undefined;
  readonly damaged?: string | undefined;
  readonly verified?: { readonly level: string; readonly at: string } | undefined;
  /** Why it is pinned; an expired pin is none. */
  readonly pinned?: string | undefined;
  /** Who uses it now. */
  readonly locked?: string | undefined;
  /** The backup that it needs to be restored. */
  readonly parent?: string | undefined;
  /** Collections that are in it whole, as `database.collection`. */
  readonly holds?: readonly string[] | undefined;
  /** Targets that must have it before it may go, and do not. */
  readonly missingIn?: readonly string[] | undefined;
}

export interface Verdict {
  readonly name: string;
  readonly verdict: "keep" | "prune";
  /** Never empty. */
  readonly reasons: readonly string[];
}

/** What is dated later than this after now is not trusted to be the newest: clocks differ by less. */
const SKEW_MS = 5 * 60_000;
const PROVEN = new Set(["checksum", "spot", "restore"]);

interface Dated {
  readonly backup: KeptBackup;
  readonly startedMs: number;
}

/**
 * What becomes of each backup of one group (policy, source, target), the newest first, and why. It depends on neither the
 * order of the backups nor the machine's zone; failed ones never change which good ones stay.
 */
export function decideRetention(
  backups: readonly KeptBackup[],
  retention: Retention,
  nowMs: number,
): readonly Verdict[] {
  const dated = backups.map(toDated).toSorted(newestFirst);
  const good = dated.filter((one) => isCandidate(one, nowMs));
  const keeps = new Map(backups.map(({ name }) => [name, [] as string[]]));
  const keep = (name: string, ...reasons: readonly string[]): void => void keeps.get(name)?.push(...reasons);
  const newestGoodMs = good[0]?.startedMs ?? Number.NEGATIVE_INFINITY;
  for (const one of dated) {
    keep(one.backup.name, ...alwaysKept(one, nowMs));
    if (isUnfinished(one)) keep(one.backup.name, ...unfinishedKept(one, { newestGoodMs, retention, nowMs }));
  }
  const candidates = good.map(({ backup: { name }, startedMs }) => ({ name, startedMs }));
  for (const [name, reasons] of voteByRules(candidates, retention)) keep(name, ...reasons);
  for (const { name } of candidates.slice(0, retention.minKeep)) keep(name, "minKeep");
  const proven = good.filter(({ backup }) => PROVEN.has(backup.verified?.level ?? ""));
  for (const { backup } of proven.slice(0, retention.keepVerified)) keep(backup.name, "newest verified");
  for (const [name, collections] of newestHolders(dated, nowMs)) keep(name, `newest that holds ${someOf(collections)}`);
  keepParents(dated, keeps);
  return dated.map(({ backup }) => verdictOf(backup, keeps.get(backup.name) ?? []));
}

function toDated(backup: KeptBackup): Dated {
  return { backup, startedMs: backup.startedAt === null ? Number.NaN : Date.parse(backup.startedAt) };
}

/** Those without a time last; of equal times by name, so that every machine decides alike. */
function newestFirst(a: Dated, b: Dated): number {
  const [first, second] = [a, b].map(({ startedMs }) =>
    Number.isNaN(startedMs) ? Number.NEGATIVE_INFINITY : startedMs,
  );
  if (first !== second) return (first ?? 0) < (second ?? 0) ? 1 : -1;
  return a.backup.name < b.backup.name ? 1 : -1;
}

function isCandidate(one: Dated, nowMs: number): boolean {
  return one.backup.state === "complete" && isUsable(one, nowMs);
}

function alwaysKept(one: Dated, nowMs: number): readonly string[] {
  const { pinned, locked } = one.backup;
  return [
    ...(pinned === undefined ? [] : [`pinned: ${pinned}`]),
    ...(locked === undefined ? [] : [`in use: ${locked}`]),
    ...uncounted(one, nowMs),
    ...uncopied(one.backup),
  ];
}

/** What the rules cannot judge stays. */
function uncounted({ backup, startedMs }: Dated, nowMs: number): readonly string[] {
  const { state, isForeign = false, isMetaOnly = false } = backup;
  const facts: readonly (readonly [boolean, string])[] = [
    [isForeign, "not this policy's"],
    [state === "running", "running"],
    [state === "deleting", "being deleted"],
    [Number.isNaN(startedMs), "its start is not known"],
    [startedMs > nowMs + SKEW_MS, "dated in the future"],
    [state === "complete" && isMetaOnly, "without rows: the rules do not count it"],
  ];
  return facts.filter(([is]) => is).map(([, reason]) => reason);
}

function uncopied({ state, missingIn = [] }: KeptBackup): readonly string[] {
  const hasRows = state === "complete" || state === "partial";
  return hasRows && missingIn.length > 0 ? [`not yet copied to ${missingIn.join(", ")}`] : [];
}

/** What is there, and is no good backup: a damaged one is what is left of it. */
function isUnfinished({ backup: { state, damaged } }: Dated): boolean {
  return state === "failed" || state === "interrupted" || state === "partial" || damaged !== undefined;
}

interface Unfinished {
  readonly newestGoodMs: number;
  readonly retention: Retention;
  readonly nowMs: number;
}

function unfinishedKept(
  { backup: { state, damaged }, startedMs }: Dated,
  { newestGoodMs, retention, nowMs }: Unfinished,
): readonly string[] {
  const what = damaged === undefined ? state : "damaged";
  if (startedMs >= newestGoodMs) return [`${what}, and no complete one is newer`];
  return nowMs - startedMs < retention.failedGraceMs ? [`${what}, inside failedGrace`] : [];
}

/** By the backup that is the newest to hold them whole, the collections that no newer one holds. */
function newestHolders(dated: readonly Dated[], nowMs: number): ReadonlyMap<string, readonly string[]> {
  const seen = new Set<string>();
  const holders = new Map<string, readonly string[]>();
  for (const one of dated) {
    if (!isUsable(one, nowMs)) continue;
    const { backup } = one;
    const only = (backup.holds ?? []).filter((collection) => !seen.has(collection));
    for (const collection of only) seen.add(collection);
    if (only.length > 0) holders.set(backup.name, only);
  }
  return holders;
}

/** Its collections can be restored from it, whether others are missing or not. */
function isUsable({ backup, startedMs }: Dated, nowMs: number): boolean {
  const { state, damaged, isForeign = false, isMetaOnly = false } = backup;
  if (isForeign || isMetaOnly || damaged !== undefined || Number.isNaN(startedMs)) return false;
  return (state === "complete" || state === "partial") && startedMs <= nowMs + SKEW_MS;
}

function someOf(collections: readonly string[]): string {
  const [first = "", ...others] = collections;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** What a kept backup is made of stays, and so does what that one is made of. */
function keepParents(dated: readonly Dated[], keeps: ReadonlyMap<string, string[]>): void {
  const parents = new Map(dated.map(({ backup: { name, parent } }) => [name, parent]));
  const reached = new Set<string>();
  for (const { backup } of dated) {
    let child = backup.name;
    while ((keeps.get(child)?.length ?? 0) > 0 && !reached.has(child)) {
      reached.add(child);
      const parent = parents.get(child);
      if (parent === undefined) break;
      keeps.get(parent)?.push(`parent of ${child}`);
      child = parent;
    }
  }
}

function verdictOf({ name, state, damaged }: KeptBackup, reasons: readonly string[]): Verdict {
  if (reasons.length > 0) return { name, verdict: "keep", reasons };
  const isGood = state === "complete" && damaged === undefined;
  const why = isGood ? "no rule keeps it" : `${damaged === undefined ? state : "damaged"}, and a complete one is newer`;
  return { name, verdict: "prune", reasons: [why] };
}
