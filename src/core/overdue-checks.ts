import { WHOLE_PART } from "./check-level.ts";
import type { CheckRule } from "./contracts/checks.ts";
import { findDueChecks } from "./due-checks.ts";
import type { DueInput } from "./due-checks.ts";
import { formatExactDuration } from "./duration.ts";

export interface OverdueInput extends Omit<DueInput, "backups"> {
  /** The policy's backups in the target that can be checked, the newest first. */
  readonly backups: readonly { readonly name: string; readonly startedAt: string | null }[];
}

/**
 * The checks of a policy that were not passed for twice as long as they may: one that is due, the next run does. What was
 * never passed counts from the backup itself, or where any backup will do from the oldest. A sentence each.
 */
export function findOverdueChecks({ backups, records, ...input }: OverdueInput): readonly string[] {
  const oldest = backups.at(-1)?.startedAt;
  const overdue = input.rules.filter((rule) => {
    const patient = { ...rule, everyMs: 2 * rule.everyMs };
    const begun = backups.flatMap(({ name, startedAt }) => {
      const at = rule.newest === undefined ? oldest : startedAt;
      return at === null || at === undefined ? [] : [begin(rule, name, at)];
    });
    const names = backups.map(({ name }) => name);
    return findDueChecks({ ...input, rules: [patient], backups: names, records: [...records, ...begun] }).length > 0;
  });
  return overdue.map(({ kind, everyMs }) => `the ${kind} check, every ${formatExactDuration(everyMs)}, is overdue`);
}

/** As if it had been passed then. */
function begin({ kind, parts }: CheckRule, backup: string, at: string): OverdueInput["records"][number] {
  return { backup, level: kind, part: { ...WHOLE_PART, of: parts }, at, verdict: "ok" };
}
