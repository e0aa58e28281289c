/** The calendar rules, from the shortest bucket to the longest. */
export const CALENDAR_RULES = ["hourly", "daily", "weekly", "monthly", "yearly"] as const;

export type CalendarRule = (typeof CALENDAR_RULES)[number];

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A time on the wall of a zone: its milliseconds if the wall's clock were UTC, and how far it is from UTC. */
export interface LocalTime {
  readonly wallMs: number;
  readonly offsetMinutes: number;
}

/** Whether there is such a zone, by its IANA name. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What a zone's clocks show at a time; making it costs more than asking it. */
export function createWallClock(zone: string): (timeMs: number) => LocalTime {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (timeMs) => {
    const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = (
      format.format(timeMs).match(/\d+/g) ?? []
    ).map(Number);
    const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
    return { wallMs, offsetMinutes: Math.round((wallMs - timeMs) / MINUTE_MS) };
  };
}

/**
 * The bucket of a rule that a time falls into. An hour has its offset in its key, since the hour that autumn repeats is
 * two; a week is ISO's; and each key names its rule, since a week and a month can look alike.
 */
export function bucketOf(rule: CalendarRule, { wallMs, offsetMinutes }: LocalTime): string {
  const text = new Date(wallMs).toISOString();
  if (rule === "hourly") return `H:${text.slice(0, 13)}${offsetMinutes}`;
  if (rule === "daily") return `D:${text.slice(0, 10)}`;
  if (rule === "weekly") return `W:${mondayOf(wallMs)}`;
  return rule === "monthly" ? `M:${text.slice(0, 7)}` : `Y:${text.slice(0, 4)}`;
}

/** The date on which a wall time's ISO week begins: no week has two, however the year ends. */
function mondayOf(wallMs: number): string {
  const sinceMonday = (new Date(wallMs).getUTCDay() + 6) % 7;
  return new Date(wallMs - sinceMonday * DAY_MS).toISOString().slice(0, 10);
}
