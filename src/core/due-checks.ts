import type { CheckLevel, CheckPart } from "./check-level.ts";
import { WHOLE_PART } from "./check-level.ts";
import type { CheckRequest } from "./check-plan.ts";
import type { CheckRule } from "./contracts/checks.ts";
import { formatExactDuration } from "./duration.ts";
import type { CheckRecord } from "./judge-checks.ts";

export interface DueInput {
  readonly rules: readonly CheckRule[];
  /** The policy's backups in the target that can be checked, the newest first; the one that is being made among them. */
  readonly backups: readonly string[];
  /** What the target has recorded of the policy's backups, those that are gone among them. */
  readonly records: readonly (CheckRecord & { readonly backup: string })[];
  readonly now: Date;
  /** The policy's own source. */
  readonly source: string;
}

export interface DueCheck extends CheckRequest {
  readonly backup: string;
}

/** Clocks of several hosts and the time that a run takes: a check that is due daily is not put off for a day by them. */
const EARLY_PART = 0.02;

/** Which checks of a policy are due in a target, and why, in the order of its rules. */
export function findDueChecks(input: DueInput): readonly DueCheck[] {
  return input.rules.flatMap((rule) => {
    const { newest } = rule;
    if (newest === undefined) return dueOf(input, rule, { backups: input.backups.slice(0, 1), records: input.records });
    return input.backups.slice(0, newest).flatMap((backup) => {
      const records = input.records.filter((record) => record.backup === backup);
      return dueOf(input, rule, { backups: [backup], records });
    });
  });
}

type Clock = Pick<DueInput, "backups" | "records">;

function dueOf({ now, source }: DueInput, rule: CheckRule, { backups, records }: Clock): readonly DueCheck[] {
  const { kind, everyMs, parts, into } = rule;
  const passed = records.filter(({ verdict }) => verdict === "ok"); // what is damaged is looked at again, until it is not
  const own = passed.filter(({ level, part }) => level === kind && part.of === parts);
  const last = own.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  const ageMs = last === undefined ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(last.at);
  if (ageMs < everyMs * (1 - EARLY_PART)) return [];
  const since = last === undefined ? "it was never passed" : `it was passed last at ${last.at}`;
  const why = `every ${formatExactDuration(everyMs)}; ${since}`;
  const place = placeOf(kind, into ?? { source });
  return backups.map((backup) => ({ backup, level: kind, part: nextPart(last, parts), why, ...place }));
}

/** By the last one that was read of any backup: most of what two backups hold has the same keys. */
function nextPart(last: CheckRecord | undefined, of: number): CheckPart {
  if (of === 1) return WHOLE_PART;
  return { number: last === undefined ? 1 : (last.part.number % of) + 1, of };
}

function placeOf(
  kind: CheckLevel,
  { source, database }: { readonly source: string; readonly database?: string | undefined },
): Pick<CheckRequest, "source" | "database"> {
  if (kind === "spot") return { source };
  return kind === "restore" ? { source, database } : {};
}
