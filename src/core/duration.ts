const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
]);

/** What a duration looks like, for the message that refuses another. */
export const DURATION_FORM = "a duration such as 30s, 2m, 1h30m, 7d";

/** "1h30m" → 5_400_000: whole numbers with ms, s, m, h, d or w, one after another. Undefined for what is no duration. */
export function findDurationMs(text: string): number | undefined {
  if (!/^(?:\d+(?:ms|[smhdw]))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)(ms|[smhdw])/g)];
  const total = parts.reduce((ms, [, count, unit = ""]) => ms + Number(count) * (UNIT_MS.get(unit) ?? 0), 0);
  return Number.isSafeInteger(total) ? total : undefined;
}

/** 120_000 → "2m": in the largest unit of which it is a whole number. */
export function formatExactDuration(ms: number): string {
  const [unit, size] = [...UNIT_MS].findLast(([, unitMs]) => ms % unitMs === 0) ?? ["ms", 1];
  return ms === 0 ? "0s" : `${ms / size}${unit}`;
}
