import { findDurationMs, formatExactDuration } from "../core/duration.ts";
import { isTimeZone } from "../core/retention-calendar.ts";
import type { Contradiction } from "./check-contradictions.ts";
import { valueAt } from "./map-data.ts";

/** What is wrong with the schedule of a policy besides its form. What reads cron is loaded only where there is one. */
export async function findScheduleProblems(policy: unknown): Promise<readonly Contradiction[]> {
  const cron = valueAt(policy, ["schedule", "cron"]);
  const given = valueAt(policy, ["schedule", "timezone"]);
  const timezone = typeof given === "string" && isTimeZone(given) ? given : "UTC"; // what is wrong with a zone is told elsewhere
  if (typeof cron !== "string") return [];
  const { findCronProblem, shortestIntervalMs } = await import("./cron.ts");
  const problem = findCronProblem(cron, timezone);
  if (problem !== undefined) {
    return [{ path: ["schedule", "cron"], message: `cannot use the schedule "${cron}": ${problem}` }];
  }
  const jitter = valueAt(policy, ["schedule", "jitter"]);
  const jitterMs = typeof jitter === "string" ? (findDurationMs(jitter) ?? 0) : 0;
  const intervalMs = jitterMs === 0 ? Number.POSITIVE_INFINITY : shortestIntervalMs(cron);
  if (jitterMs < intervalMs) return [];
  const message = `the jitter must be shorter than the time between two runs, which can be ${formatExactDuration(intervalMs)}`;
  return [{ path: ["schedule", "jitter"], message }];
}
