import { formatBytes, formatCount, formatPlural } from "../../src/plugin.ts";
import type { HookContext, HookOutcome } from "../../src/plugin.ts";

/** What is told: that something begins, or with an outcome how it ended. */
export interface Notice extends Omit<HookContext<unknown>, "options"> {
  readonly outcome?: HookOutcome;
}

/** "milvus-backup nightly: failed", in one line. */
export function titleOf({ facts, outcome }: Notice): string {
  return `milvus-backup ${facts.policy ?? facts.backup}: ${outcome?.state ?? "started"}`;
}

/** What a person wants to know, a line each. */
export function linesOf({ facts, outcome }: Notice): readonly string[] {
  const { backup, source, target } = facts;
  if (outcome === undefined) return [`${backup}, from ${source} to ${target}`];
  const { summary, error, collections, collectionsComplete, rows, bytes } = outcome;
  const whole = `${formatCount(collectionsComplete)} of ${formatPlural(collections, "collection")} whole`;
  return [
    summary,
    ...(error === undefined || summary.includes(error.message) ? [] : [`error: ${error.message}`]),
    ...(error?.hint === undefined ? [] : [`hint: ${error.hint}`]),
    ...(collections === 0 ? [] : [`${whole}, ${formatPlural(rows, "row")}, ${formatBytes(bytes)}`]),
    `${backup}, from ${source} to ${target}`,
  ];
}

/** Whether somebody should look at it. */
export function isBad({ outcome }: Notice): boolean {
  return outcome !== undefined && outcome.state !== "complete" && outcome.state !== "skipped";
}
