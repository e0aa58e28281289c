import type { CatalogEntry } from "./catch-up.ts";
import type { CheckLevel } from "./check-level.ts";
import type { DueInput } from "./due-checks.ts";
import type { EventError } from "./events.ts";
import { findOverdueChecks } from "./overdue-checks.ts";
import type { RunEntry } from "./run-entry.ts";

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
  /** Of these, whom the last repair asked in vain, a sentence each; absent for none. */
  readonly unhealed?: readonly string[] | undefined;
  /** Of a policy with a schedule; ISO 8601, UTC. */
  readonly schedule?: { readonly next: string; readonly timezone: string } | undefined;
  /** How the newest run of the policy ended, by its record there. */
  readonly lastRun?: LastRun | undefined;
  /** The policy has checks that prove the bytes, and the newest backup has passed none yet. */
  readonly unverified?: boolean | undefined;
  /** Checks that were not passed for too long, a sentence each. */
  readonly overdueChecks?: readonly string[] | undefined;
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

export type LastRun = Pick<RunEntry, "runId" | "startedAt" | "state" | "exitStatus">;

export interface StatusEntry extends CatalogEntry {
  readonly verified?: { readonly level: CheckLevel; readonly at: string } | undefined;
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
  /** Of a policy with a schedule. */
  readonly schedule?: StatusSchedule | undefined;
  readonly lastRun?: LastRun | undefined;
  /** The policy's, and what the target has recorded of them. */
  readonly checks?: Pick<DueInput, "rules" | "records"> | undefined;
}

export interface StatusSchedule {
  /** ISO 8601, UTC: when it is due next. */
  readonly next: string;
  /** When it was due last, of what should have begun by now; absent where that was never. */
  readonly due?: string | undefined;
  readonly timezone: string;
}

/** Clocks of two hosts: what began so much before it was due was meant for it. */
const EARLY_MS = 30_000;

/** How old the newest backup is that could be restored, and what went wrong since. */
export function judgeStatus(input: StatusInput): TargetStatus {
  const { policy, source, target, entries, now, schedule, lastRun } = input;
  const own = entries.filter((entry) => entry.policy === policy && entry.source === source);
  const damaged = own.filter((entry) => entry.damaged !== undefined).map(({ name }) => name);
  const index = own.findIndex((entry) => entry.state === "complete" && entry.damaged === undefined);
  const since = (index === -1 ? own : own.slice(0, index))
    .filter(({ state }) => state !== "complete")
    .map(({ name, state }) => ({ name, state }));
  const newest = own[index];
  const base = {
    policy,
    target,
    since,
    damaged,
    ...(schedule && { schedule: { next: schedule.next, timezone: schedule.timezone } }),
    ...(lastRun && { lastRun: toLastRun(lastRun) }),
    ...judgeProof(input, own, newest),
  };
  if (newest === undefined || newest.startedAt === null) return { ...base, state: "never" };
  const { name, startedAt, verified } = newest;
  const ageMs = now - Date.parse(startedAt);
  const state = isOverdue(input, startedAt) ? "overdue" : "ok";
  return { ...base, state, last: { name, startedAt, ageMs, ...(verified && { verified }) } };
}

/** By the limit that was asked for, else by the schedule. */
function isOverdue({ now, maxAgeMs, schedule }: StatusInput, startedAt: string): boolean {
  const begun = Date.parse(startedAt);
  if (maxAgeMs !== undefined) return now - begun > maxAgeMs;
  return schedule?.due !== undefined && begun < Date.parse(schedule.due) - EARLY_MS;
}

/** Checks that read every byte, or a sample of what comes back. */
const PROVING: ReadonlySet<string | undefined> = new Set<CheckLevel>(["checksum", "spot", "restore"]);

function judgeProof(
  { checks, now, source }: StatusInput,
  own: readonly StatusEntry[],
  newest: StatusEntry | undefined,
): Pick<TargetStatus, "unverified" | "overdueChecks"> {
  if (checks === undefined || newest === undefined) return {};
  const hasProof = PROVING.has(newest.verified?.level);
  const isUnverified = !hasProof && checks.rules.some(({ kind }) => PROVING.has(kind));
  const backups = own.filter(({ state }) => state === "complete" || state === "partial");
  const overdueChecks = findOverdueChecks({ ...checks, backups, now: new Date(now), source });
  return { ...(isUnverified && { unverified: true }), ...(overdueChecks.length > 0 && { overdueChecks }) };
}

function toLastRun({ runId, startedAt, state, exitStatus }: LastRun): LastRun {
  return { runId, startedAt, state, exitStatus };
}
