import type { Consistency, GcMode } from "./contracts/policy.ts";
import type { SourceConfig } from "./contracts/source.ts";
import { BackupError } from "./errors.ts";

/** Whether a plan pauses Milvus's garbage collection while it copies, and why, or why not. */
export interface PlannedGcPause {
  readonly mode: Exclude<GcMode, "off">;
  readonly pauses: boolean;
  readonly why: string;
}

/** What became of the pause that a backup wanted. */
export interface GcPauseOutcome {
  readonly mode: Exclude<GcMode, "off">;
  /** held: from before the first capture on. lapsed: for a time it was not sure to hold. not-paused: it could not be had. */
  readonly state: "held" | "lapsed" | "not-paused";
  /** ISO 8601, UTC, as all times here. */
  readonly pausedAt?: string | undefined;
  /** Since when it was not sure to hold. */
  readonly lapsedAt?: string | undefined;
  /** When it was ended; absent in a manifest, which is written before, and when it was left to end by itself. */
  readonly releasedAt?: string | undefined;
  /** When it ends by itself; absent once it is released. */
  readonly until?: string | undefined;
  /** Why it lapsed, or could not be had. */
  readonly reason?: string | undefined;
}

export interface GcWish {
  readonly gc: GcMode;
  readonly consistency: Consistency;
}

/** Where nobody said: a pause is wanted where it is told how to have it. */
export function defaultGcMode({ management }: Pick<SourceConfig, "management">): GcMode {
  return management === undefined ? "off" : "prefer";
}

/** The mode that holds; undefined where nothing is to be asked, as where no file is copied. */
export function gcModeOf({ gc, consistency }: GcWish): PlannedGcPause["mode"] | undefined {
  return gc === "off" || consistency === "meta-only" ? undefined : gc;
}

/** A BackupError "refused" where a backup without the pause is not wanted. */
export function planGcPause(
  mode: PlannedGcPause["mode"],
  obstacle: { readonly reason: string; readonly hint?: string | undefined } | undefined,
): PlannedGcPause {
  if (obstacle === undefined) return { mode, pauses: true, why: "no file may go between its capture and its copy" };
  if (mode === "require") throw gcPauseRefused(obstacle);
  return { mode, pauses: false, why: obstacle.reason };
}

export function gcPauseRefused(obstacle: {
  readonly reason: string;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}): BackupError {
  const { reason, hint, cause } = obstacle;
  const message = `Garbage collection cannot be paused, which the backup requires: ${reason}`;
  return new BackupError("refused", message, { cause, hint: hint ?? "gc: prefer takes the backup all the same" });
}

/** What a person should know of it; undefined when all was well. */
export function warnOfGcPause({ state, lapsedAt, until, reason }: GcPauseOutcome): readonly string[] {
  const because = reason === undefined ? "" : `: ${reason}`;
  if (state === "not-paused") return [`garbage collection is not paused${because}`];
  const lapsed = `the pause of garbage collection was not sure to hold since ${lapsedAt}${because}; every file that is in the backup was compared`;
  return [
    ...(state === "lapsed" ? [lapsed] : []),
    ...(until === undefined ? [] : [`the pause of garbage collection was not ended; it ends by itself at ${until}`]),
  ];
}
