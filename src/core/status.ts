import type { CatalogEntry } from "./catch-up.ts";
import type { EventError } from "./events.ts";

/** How a policy stands in one of its targets. */
export interface TargetStatus {
  readonly policy: string;
  readonly target: string;
  /** unknown: it could not be looked at. never: there is no complete backup. ok: or nobody said what is too old. */
  readonly state: "ok" | "overdue" | "never" | "unknown";
  /** The newest complete backup that no check found damaged. */
  readonly last?: LastBackup | undefined;
  /** What began after it and did not become complete, the newest first. */
  readonly since: readonly { readonly name: string; readonly state: string }[];
  /** Backups that a check found damaged and nothing has healed. */
  readonly damaged: readonly string[];
  readonly error?: EventError | undefined;
}

export interface LastBackup {
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly ageMs: number;
  /** The highest level of a check that it passed, and when; absent when none did. */
  readonly verified?: StatusEntry["verified"];
}

export interface StatusEntry extends CatalogEntry {
  readonly verified?: { readonly level: string; readonly at: string } | undefined;
}

export interface StatusInput {
  readonly policy: string;
  readonly source: string;
  readonly target: string;
  /** Of the target, the newest first. */
  readonly entries: readonly StatusEntry[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A backup that began longer ago is too old. */
  readonly maxAgeMs?: number | undefined;
}

/** How old the newest backup is that could be restored, and what went wrong since. */
export function judgeStatus({ policy, source, target, entries, now, maxAgeMs }: StatusInput): TargetStatus {
  const own = entries.filter((entry) => entry.policy === policy && entry.source === source);
  const damaged = own.filter((entry) => entry.damaged !== undefined).map(({ name }) => name);
  const index = own.findIndex((entry) => entry.state === "complete" && entry.damaged === undefined);
  const since = (index === -1 ? own : own.slice(0, index))
    .filter(({ state }) => state !== "complete")
    .map(({ name, state }) => ({ name, state }));
  const base = { policy, target, since, damaged };
  const newest = own[index];
  if (newest === undefined || newest.startedAt === null) return { ...base, state: "never" };
  const { name, startedAt, verified } = newest;
  const ageMs = now - Date.parse(startedAt);
  const isOld = maxAgeMs !== undefined && ageMs > maxAgeMs;
  return { ...base, state: isOld ? "overdue" : "ok", last: { name, startedAt, ageMs, ...(verified && { verified }) } };
}
