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
  /** Whom a check asked for what is damaged, in vain; absent when none was to heal it. */
  readonly asked?: readonly string[] | undefined;
  /** When, where it was an earlier one: ISO 8601. */
  readonly askedAt?: string | undefined;
  /** Who may have it now: the targets with a copy, and the source. */
  readonly donors: readonly string[];
}

export interface HealPlan {
  readonly steps: readonly CheckStep[];
  readonly warnings: readonly string[];
}

export interface HealGroup {
  readonly policy: string;
  readonly source: string;
  readonly now: Date;
}

/**
 * How a run heals earlier backups of its policy: each is looked at again as the check did that found the damage, and
 * what another place still has is written anew. What rows or a restore have shown no copy of an object heals. Nor is one
 * read again that nobody could heal, until somebody else may have it, or a week is over.
 */
export function planHeals(found: readonly FoundDamage[], group: HealGroup): HealPlan {
  const own = found.filter(
    ({ policy, source, state }) =>
      policy === group.policy && source === group.source && (state === "complete" || state === "partial"),
  );
  const steps: CheckStep[] = [];
  const warnings: string[] = [];
  for (const damage of own) {
    const { backup, target, check } = damage;
    const why = whyNot(damage, group.now);
    if (why === undefined) steps.push(toHeal(damage));
    else warnings.push(`${backup} is damaged in ${target}: ${describeStanding(check)}, ${why}`);
  }
  return { steps, warnings };
}

function toHeal({ backup, target, check }: FoundDamage): CheckStep {
  const { level, part } = check;
  const why = `${describeStanding(check)}: it is healed from where the objects still are`;
  return toCheckStep({ backup, target }, { level, part, repair: true, why });
}

/** The donors' copies may be healed meanwhile, and stores have their moods. */
export const ASK_AGAIN_MS: number = 7 * 24 * 60 * 60_000;

/** Why it is left as it is; undefined where somebody is to be asked. */
function whyNot({ check, asked, askedAt = check.at, donors }: FoundDamage, now: Date): string | undefined {
  if (check.level === "spot" || check.level === "restore") return "which nothing heals";
  if (asked === undefined || donors.some((donor) => !asked.includes(donor))) return undefined;
  const againAt = Date.parse(askedAt) + ASK_AGAIN_MS;
  if (now.getTime() >= againAt) return undefined;
  return `and ${formatAsked(asked)}: it is asked again when another target has a copy, or after ${new Date(againAt).toISOString()}`;
}

/** "nas and the source prod do not have it any more" */
export function formatAsked(asked: readonly string[]): string {
  const last = asked.at(-1);
  if (last === undefined) return "nobody is there who could have it";
  if (asked.length === 1) return `${last} does not have it any more`;
  return `${asked.slice(0, -1).join(", ")} and ${last} do not have it any more`;
}

/** How a source is called among those that may still have an object. */
export function sourceDonor(source: string): string {
  return `the source ${source}`;
}
