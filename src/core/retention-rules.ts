import type { Keep } from "./contracts/retention.ts";
import { bucketOf, CALENDAR_RULES, createWallClock } from "./retention-calendar.ts";
import type { LocalTime } from "./retention-calendar.ts";

/** A backup that the rules may count. */
export interface Candidate {
  readonly name: string;
  readonly startedMs: number;
}

export interface RuleOptions {
  readonly keep: Keep;
  /** IANA. */
  readonly timezone: string;
}

/** Which of these (the newest first) the rules want, and which rules. They vote independently of each other. */
export function voteByRules(
  candidates: readonly Candidate[],
  { keep, timezone }: RuleOptions,
): ReadonlyMap<string, readonly string[]> {
  const votes = new Map<string, string[]>();
  const vote = ({ name }: Candidate, reason: string): void => {
    const reasons = votes.get(name);
    if (reasons === undefined) votes.set(name, [reason]);
    else reasons.push(reason);
  };
  for (const one of candidates.slice(0, keep.last ?? 0)) vote(one, "last");
  const wall = createWallClock(timezone);
  const times = candidates.map(({ startedMs }) => wall(startedMs));
  for (const rule of CALENDAR_RULES) {
    const wanted = newestOfBuckets(times, { count: keep[rule] ?? 0, bucket: (time) => bucketOf(rule, time) });
    for (const [index, isSpare] of wanted) vote(at(candidates, index), isSpare ? `oldest ${rule}` : rule);
  }
  for (const one of within(candidates, keep.withinMs ?? 0)) vote(one, "within");
  return votes;
}

interface Buckets {
  readonly count: number;
  readonly bucket: (time: LocalTime) => string;
}

/** Empty buckets cost nothing; when fewer have something than are wanted, the oldest stays as well until they do. */
function* newestOfBuckets(
  times: readonly LocalTime[],
  { count, bucket }: Buckets,
): Generator<readonly [index: number, isSpare: boolean]> {
  let left = count;
  let lastBucket: string | undefined;
  for (const [index, time] of times.entries()) {
    if (left === 0) return;
    const key = bucket(time);
    const isNew = key !== lastBucket;
    if (isNew) left -= 1;
    if (isNew || index === times.length - 1) yield [index, !isNew];
    lastBucket = key;
  }
}

/** Counted from the newest, not from now: a schedule that stopped never ages its backups away. */
function within(candidates: readonly Candidate[], withinMs: number): readonly Candidate[] {
  const [newest] = candidates;
  if (newest === undefined || withinMs === 0) return [];
  return candidates.filter(({ startedMs }) => newest.startedMs - startedMs <= withinMs);
}

function at(candidates: readonly Candidate[], index: number): Candidate {
  const candidate = candidates[index];
  if (candidate === undefined) throw new RangeError(`There is no candidate ${index}`);
  return candidate;
}
