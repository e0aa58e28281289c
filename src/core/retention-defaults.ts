import type { Retention, RetentionConfig } from "./contracts/retention.ts";
import { findDurationMs } from "./duration.ts";

const DEFAULT_GRACE = "1d";

/** Retention as a checked policy says it, with what it leaves out. */
export function toRetention({ keep: { within, ...keep }, ...config }: RetentionConfig): Retention {
  return {
    keep: { ...keep, withinMs: within === undefined ? undefined : durationMs(within) },
    timezone: config.timezone ?? "UTC",
    minKeep: config.minKeep ?? 1,
    maxDelete: config.maxDelete,
    failedGraceMs: durationMs(config.failedGrace ?? DEFAULT_GRACE),
    keepUntilCopied: config.keepUntilCopied ?? [],
    keepVerified: config.keepVerified ?? 1,
    adopt: config.adopt ?? false,
  };
}

function durationMs(text: string): number {
  const ms = findDurationMs(text);
  if (ms === undefined) throw new RangeError(`The duration ${text} was not checked`);
  return ms;
}
