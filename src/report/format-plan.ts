import { formatName } from "../core/collection-name.ts";
import type { Estimate, Plan, SelectionOutcome } from "../core/plan.ts";
import { formatBytes, formatCount, formatPlural } from "../core/quantities.ts";
import { formatInZone } from "../core/zoned-time.ts";
import { formatTable } from "./table.ts";

/** A plan for people: every step in order, with its reason; then what was selected by what, and what was not. */
export function formatPlan(plan: Plan): string {
  const title = [
    `${plan.action} ${plan.backup}`,
    plan.policy === undefined ? "" : `policy ${plan.policy}`,
    plan.source === undefined ? "" : `source ${plan.source}`,
    `target ${plan.target}`,
  ].filter((part) => part !== "");
  const rows = plan.steps.map(({ kind, id, why }, index) => [String(index + 1), kind, id, why]);
  const columns = [{ title: "#", align: "right" as const }, { title: "STEP" }, { title: "ON" }, { title: "WHY" }];
  return [
    title.join(", "),
    "",
    formatTable(columns, rows),
    ...formatEstimate(plan.estimate),
    ...formatHooks(plan.hooks),
    ...formatGcPause(plan.gc),
    ...formatSchedule(plan.schedule),
    ...formatSelection(plan.selection),
    ...plan.warnings.map((warning) => `warning: ${warning}`),
  ].join("\n");
}

function formatEstimate(estimate: Estimate | undefined): readonly string[] {
  if (estimate === undefined) return [];
  const { rows, bytes, requests } = estimate;
  return [
    "",
    `in all about ${formatPlural(rows, "row")}, ${formatBytes(bytes)}, ${formatPlural(requests, "request")} to storages`,
  ];
}

/** As many as a person reads; --json has them all. */
const LEFT_OUT_SHOWN = 20;

function formatSelection(selection: SelectionOutcome | undefined): readonly string[] {
  if (selection === undefined) return [];
  const { patterns, leftOut } = selection;
  const columns = [{ title: "SELECT" }, { title: "PATTERN" }, { title: "MATCHES", align: "right" as const }];
  const rows = patterns.map(({ kind, pattern, matches }) => [kind, pattern, formatCount(matches)]);
  const more = leftOut.length - LEFT_OUT_SHOWN;
  return [
    "",
    formatTable(columns, rows),
    ...(leftOut.length === 0 ? [] : ["", `left out (${formatCount(leftOut.length)}):`]),
    ...leftOut.slice(0, LEFT_OUT_SHOWN).map(({ collection, why }) => `  ${formatName(collection)}: ${why}`),
    ...(more > 0 ? [`  and ${formatCount(more)} more, which --json lists`] : []),
  ];
}

function formatGcPause(gc: Plan["gc"]): readonly string[] {
  if (gc === undefined) return [];
  return ["", `garbage collection (${gc.mode}): ${gc.pauses ? "paused while it is copied" : "not paused"}, ${gc.why}`];
}

function formatSchedule(schedule: Plan["schedule"]): readonly string[] {
  if (schedule === undefined) return [];
  const { cron, timezone, next, overlap } = schedule;
  return ["", `schedule: ${cron}, due next ${formatInZone(next, timezone)}; overlap: ${overlap}`];
}

function formatHooks(hooks: Plan["hooks"]): readonly string[] {
  if (hooks === undefined) return [];
  const columns = [{ title: "HOOK" }, { title: "RUNS" }, { title: "BY" }, { title: "WHY" }];
  const rows = hooks.map(({ name, on, scope, use, why }) => [name, `${on} ${scope}`, use, why]);
  return ["", formatTable(columns, rows)];
}
