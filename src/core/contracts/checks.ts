import type { CheckLevel } from "../check-level.ts";

/** What is looked at again of the backups of a policy, and how often. */
export interface CheckConfig<SourceName extends string = string> {
  /** How far to look: metadata, objects, checksum, spot, or restore for a drill. */
  readonly kind: CheckLevel;
  /** No more often than this, by the target's own record, as "1d". */
  readonly every: string;
  /** Of checksum: the share that is read each time, as "1/30"; the next time it is the next one. All of it when absent. */
  readonly part?: string | undefined;
  /** Of each of so many of the newest backups, each on its own clock; of whatever is the newest, on one clock, when absent. */
  readonly newest?: number | undefined;
  /** Of restore: where to; the policy's own source when absent. */
  readonly into?: DrillPlaceConfig<SourceName> | undefined;
}

export interface DrillPlaceConfig<SourceName extends string = string> {
  /** The source that is restored into. */
  readonly source: SourceName;
  /** What the scratch database's name begins with; drill when absent. */
  readonly database?: string | undefined;
}

/** A check, resolved. */
export interface CheckRule {
  readonly kind: CheckLevel;
  readonly everyMs: number;
  /** How many parts the bytes are read in; 1 for all at once. */
  readonly parts: number;
  readonly newest?: number | undefined;
  readonly into?: DrillPlaceConfig | undefined;
}
