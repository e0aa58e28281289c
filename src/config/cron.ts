import { Cron } from "croner";
import type { Schedule } from "../core/contracts/schedule.ts";

/** When a policy is due. */
export interface ScheduleTimes {
  /** ISO 8601, UTC: when it is due next. */
  readonly next: string;
  /** When it was due last, of what is no longer in its jitter and grace; absent when that was never. */
  readonly due?: string | undefined;
}

/**
 * The times of a schedule that was checked. Where a zone puts its clocks forward, a time that there is not is due when they
 * have been put; where it puts them back, what has a fixed time is due the first time only, and what has a `*` each time.
 */
export function scheduleTimes(schedule: Schedule, now: Date): ScheduleTimes {
  const cron = parseCron(schedule.cron, schedule.timezone);
  const next = cron.nextRun(now);
  if (next === null) throw new Error(`The schedule ${schedule.cron} was not checked`);
  const [due] = cron.previousRuns(1, new Date(now.getTime() - schedule.jitterMs - schedule.graceMs + 1));
  return { next: next.toISOString(), ...(due && { due: due.toISOString() }) };
}

/** What is wrong with a cron expression, as the end of a sentence; undefined for one that fires. */
export function findCronProblem(cron: string, timezone: string): string | undefined {
  if (/^\S+\s*$/.test(cron.trim()) && !cron.trim().startsWith("@")) return FORM;
  try {
    return parseCron(cron, timezone).nextRun() === null ? "it never fires" : undefined;
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
    return /exactly|parts/.test(error.message) ? FORM : reasonOf(error);
  }
}

const FORM =
  "expected five fields (minute, hour, day of the month, month, day of the week), without seconds, or @daily";

/** croner's own words, without its name and without its dot. */
function reasonOf({ message }: Error): string {
  const reason = message.replace(/^CronPattern: /, "").replace(/\.(?: .*)?$/, "");
  return `${reason.slice(0, 1).toLowerCase()}${reason.slice(1)}`;
}

/** So many runs show every time between two that a year of five fields has, but for what happens in few of its months. */
const LOOKED_AT = 64;

/** The shortest time between two runs, in milliseconds, where no clocks are changed; of an expression that fires. */
export function shortestIntervalMs(cron: string): number {
  const runs = parseCron(cron, "UTC").nextRuns(LOOKED_AT, new Date(FROM));
  const gaps = runs.slice(1).map((run, index) => run.getTime() - (runs[index]?.getTime() ?? 0));
  return Math.min(...gaps);
}

/** Any time would do: what is said of a schedule shall not depend on the day on which it is checked. */
const FROM = Date.UTC(2026, 0, 1);

/** Nothing is started by it. */
function parseCron(cron: string, timezone: string): Cron {
  return new Cron(cron, { timezone, mode: "5-part", fixedTimeRule: "no-wildcard", paused: true });
}
