/** A backup that any of these rules wants stays. */
export interface KeepConfig {
  /** The newest so many. */
  readonly last?: number | undefined;
  /** The newest of so many hours that have one. */
  readonly hourly?: number | undefined;
  /** The newest of so many days that have one. */
  readonly daily?: number | undefined;
  /** The newest of so many ISO weeks that have one. */
  readonly weekly?: number | undefined;
  /** The newest of so many months that have one. */
  readonly monthly?: number | undefined;
  /** The newest of so many years that have one. */
  readonly yearly?: number | undefined;
  /** All that are no older than this when the newest was made: `14d`. */
  readonly within?: string | undefined;
}

export interface RetentionConfig {
  /** A backup that any of these rules wants stays. */
  readonly keep: KeepConfig;
  /** Where days, weeks, months and years begin: an IANA name; UTC when absent. */
  readonly timezone?: string | undefined;
  /** The newest so many complete backups always stay; 1 when absent. */
  readonly minKeep?: number | undefined;
  /** More than this at once is refused unless confirmed; when absent 20% or 3, whichever is more. */
  readonly maxDelete?: number | string | undefined;
  /** How long failed and partial backups stay for a look; 1d when absent. */
  readonly failedGrace?: string | undefined;
  /** Storages of other targets of this policy: what one of them does not have yet stays. */
  readonly keepUntilCopied?: readonly string[] | undefined;
  /** The newest so many that a checksum or more has proven stay; 1 when absent. */
  readonly keepVerified?: number | undefined;
  /** Backups of the Go tool in this target count, and can be pruned. */
  readonly adopt?: boolean | undefined;
}

/** The rules of keep, with durations in milliseconds. */
export interface Keep extends Omit<KeepConfig, "within"> {
  readonly withinMs?: number | undefined;
}

/** Retention with its defaults. */
export interface Retention {
  readonly keep: Keep;
  readonly timezone: string;
  readonly minKeep: number;
  readonly maxDelete?: number | string | undefined;
  readonly failedGraceMs: number;
  readonly keepUntilCopied: readonly string[];
  readonly keepVerified: number;
  readonly adopt: boolean;
}
