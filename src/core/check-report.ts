import { checkStepId, formatDamage, standingDamage } from "./check-outcome.ts";
import type { CheckOutcome } from "./check-outcome.ts";
import { formatLevel } from "./check-level.ts";
import type { Plan, StepKind } from "./plan.ts";
import type { StepStatus } from "./events.ts";
import { formatBytes, formatPlural } from "./quantities.ts";

/** What comes behind a backup and does not change what it is: its failures are the run's, not the backup's. */
const AFTERWARDS: ReadonlySet<StepKind> = new Set(["check", "prune"]);

/** The ids of those steps; none where they are what the run is for. */
export function afterwardsOf({ action, steps }: Plan): ReadonlySet<string> {
  if (action === "verify") return new Set();
  return new Set(steps.filter(({ kind }) => AFTERWARDS.has(kind)).map(({ id }) => id));
}

export interface ChecksInput {
  readonly plan: Plan;
  readonly checks?: readonly CheckOutcome[] | undefined;
  readonly steps: ReadonlyMap<string, StepStatus>;
}

/** Steps whose failure is told as damage already. */
export function toldByChecks({ checks = [] }: ChecksInput): readonly string[] {
  return checks.filter(({ verdict }) => verdict === "damaged").map(checkStepId);
}

/** Of a run that does nothing but check. */
export function formatChecks({ plan, checks = [], steps }: ChecksInput): string {
  const damaged = checks.filter(({ verdict }) => verdict === "damaged");
  const [first] = damaged;
  if (first !== undefined) return `${plan.backup} is damaged in ${namesOf(damaged)}: ${formatFirst(first)}`;
  const undone = plan.steps.filter(({ id }) => steps.get(id) !== "done").length;
  if (undone > 0)
    return `${plan.backup} could not be checked: ${undone} of ${formatPlural(plan.steps.length, "check")} not done`;
  const levels = [...new Set(checks.map(({ level, part }) => formatLevel(level, part)))].join(", ");
  const sum = (of: "objects" | "bytes"): number => checks.reduce((total, outcome) => total + outcome[of], 0);
  return `${plan.backup} is right in ${namesOf(checks)} (${levels}): ${formatPlural(sum("objects"), "object")}, ${formatBytes(sum("bytes"))}`;
}

/** Behind the summary of a run that had more to do. */
export function withChecks(summary: string, { checks = [] }: ChecksInput): string {
  const damaged = checks.filter(({ verdict }) => verdict === "damaged");
  const [first] = damaged;
  return first === undefined
    ? summary
    : `${summary}, but ${first.backup} is damaged in ${namesOf(damaged)}: ${formatFirst(first)}`;
}

function namesOf(checks: readonly CheckOutcome[]): string {
  return [...new Set(checks.map(({ target }) => target))].join(" and ");
}

function formatFirst(outcome: CheckOutcome): string {
  const [first] = standingDamage(outcome);
  const others = outcome.damageFound - 1;
  return `${first === undefined ? "" : formatDamage(first)}${others > 0 ? `, and ${others} more` : ""}`;
}
