/** skip: the run is left out, exit status 75. queue: it waits for the other one. fail: exit status 11. */
export type OverlapPolicy = "skip" | "queue" | "fail";

export interface ScheduleConfig {
  /** When it is due: minute, hour, day of the month, month, day of the week; or @daily and its like. */
  readonly cron: string;
  /** Whose clock cron means: an IANA name; UTC when absent. */
  readonly timezone?: string | undefined;
  /** Up to this much later, so that many do not begin at once; shorter than the time between two runs. 0s when absent. */
  readonly jitter?: string | undefined;
  /** When a run of the same policy and source is under way: skip this one, queue it behind the other, or fail. skip when absent. */
  readonly overlap?: OverlapPolicy | undefined;
  /** How long after it was due a backup may begin before status calls the policy overdue; 1h when absent. */
  readonly grace?: string | undefined;
}

/** A schedule, resolved. */
export interface Schedule {
  readonly cron: string;
  readonly timezone: string;
  readonly jitterMs: number;
  readonly overlap: OverlapPolicy;
  readonly graceMs: number;
}
