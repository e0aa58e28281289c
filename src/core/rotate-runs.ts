/** The newest so many records of runs are kept of a policy in a target … */
export const RUNS_KEPT = 500;

/** … of those that are no older than this. */
export const RUN_DAYS_KEPT = 400;

const DAY_MS = 86_400_000;

/** Which records are to go; those of the future count as new. */
export function chooseOldRuns<T extends { readonly startedAt: string }>(runs: readonly T[], now: Date): readonly T[] {
  const oldest = now.getTime() - RUN_DAYS_KEPT * DAY_MS;
  const newestFirst = runs.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  return newestFirst.filter(({ startedAt }, index) => index >= RUNS_KEPT || Date.parse(startedAt) < oldest);
}
