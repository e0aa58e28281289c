import { toCheckStep } from "./check-plan.ts";
import { describeStanding } from "./judge-checks.ts";
import type { CheckRecord } from "./judge-checks.ts";
import type { CheckStep } from "./plan.ts";

/** A backup in a target of which a check found damage that stands. */
export interface FoundDamage {
  readonly backup: string;
  readonly target: string;
  readonly state: string;
  readonly policy?: string | undefined;
  readonly source?: string | undefined;
  readonly check: CheckRecord;
}

export interface HealPlan {
  readonly steps: readonly CheckStep[];
  readonly warnings: readonly string[];
}

/**
 * How a run heals earlier backups of its policy: each is looked at again as the check did that found the damage, and
 * what another place still has is written anew. What rows or a restore have shown no copy of an object heals.
 */
export function planHeals(
  found: readonly FoundDamage[],
  group: { readonly policy: string; readonly source: string },
): HealPlan {
  const own = found.filter(
    ({ policy, source, state }) =>
      policy === group.policy && source === group.source && (state === "complete" || state === "partial"),
  );
  const isOfObjects = ({ check: { level } }: FoundDamage): boolean => level !== "spot" && level !== "restore";
  return {
    steps: own.filter(isOfObjects).map(({ backup, target, check }) => {
      const { level, part } = check;
      const why = `${describeStanding(check)}: it is healed from where the objects still are`;
      return toCheckStep({ backup, target }, { level, part, repair: true, why });
    }),
    warnings: own
      .filter((damage) => !isOfObjects(damage))
      .map(({ backup, target, check }) => {
        return `${backup} is damaged in ${target}: ${describeStanding(check)}, which nothing heals`;
      }),
  };
}

/** How a source is called among those that may still have an object. */
export function sourceDonor(source: string): string {
  return `the source ${source}`;
}
