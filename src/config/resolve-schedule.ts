import type { Schedule, ScheduleConfig } from "../core/contracts/schedule.ts";
import { findDurationMs, formatExactDuration } from "../core/duration.ts";

const GRACE_MS = 3_600_000;

export function resolveSchedule({ cron, timezone, jitter, overlap, grace }: ScheduleConfig): Schedule {
  return {
    cron,
    timezone: timezone ?? "UTC",
    jitterMs: findDurationMs(jitter ?? "0s") ?? 0,
    overlap: overlap ?? "skip",
    graceMs: grace === undefined ? GRACE_MS : (findDurationMs(grace) ?? GRACE_MS),
  };
}

/** The inverse, for a config that is shown. */
export function showSchedule({ cron, timezone, jitterMs, overlap, graceMs }: Schedule): ScheduleConfig {
  return {
    cron,
    timezone,
    jitter: formatExactDuration(jitterMs),
    overlap,
    grace: formatExactDuration(graceMs),
  };
}
