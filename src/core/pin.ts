/** A backup that nothing deletes, until it is unpinned or the pin expires. */
export interface Pin {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly reason?: string | undefined;
  /** When it expires; ISO 8601, UTC. Never when absent. */
  readonly until?: string | undefined;
  /** Who pinned it, as user@host. */
  readonly by?: string | undefined;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
const DAY_MS = 24 * 3_600_000;

/** One that expired does not hold. */
export function isHeld({ until }: Pin, nowMs: number): boolean {
  return until === undefined || nowMs < Date.parse(until);
}

/** Why it is pinned, by whom and until when, for people. */
export function formatPin({ reason = "no reason was given", by, until }: Pin): string {
  return `${reason}${by === undefined ? "" : `, by ${by}`}${until === undefined ? "" : `, until ${until}`}`;
}

/** The end of a date, which is a day of UTC, or a time with its offset; undefined for what is neither. */
export function findUntil(text: string): Date | undefined {
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || !(DATE.test(text) || TIME.test(text))) return undefined;
  const isRolled = new Date(Date.parse(text.slice(0, 10))).toISOString().slice(0, 10) !== text.slice(0, 10); // 30 February
  if (isRolled) return undefined;
  return new Date(DATE.test(text) ? ms + DAY_MS : ms);
}
