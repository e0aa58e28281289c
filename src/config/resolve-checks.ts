import { findPart } from "../core/check-level.ts";
import type { CheckConfig, CheckRule } from "../core/contracts/checks.ts";
import { findDurationMs, formatExactDuration } from "../core/duration.ts";

export function resolveChecks(checks: readonly CheckConfig[]): readonly CheckRule[] {
  return checks.map(({ kind, every, part, newest, into }) => ({
    kind,
    everyMs: findDurationMs(every) ?? 0,
    parts: findPart(part ?? "1/1")?.of ?? 1,
    ...(newest !== undefined && { newest }),
    ...(into && { into }),
  }));
}

/** The inverse, for a config that is shown. */
export function showCheck({ kind, everyMs, parts, newest, into }: CheckRule): CheckConfig {
  return {
    kind,
    every: formatExactDuration(everyMs),
    ...(parts > 1 && { part: `1/${parts}` }),
    ...(newest !== undefined && { newest }),
    ...(into && { into }),
  };
}
