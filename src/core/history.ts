import type { BackupGroup, CatalogEntry } from "./catch-up.ts";
import type { RunEntry } from "./run-entry.ts";
import type { RunState } from "./report.ts";

/** What a run was for. */
export type RunKind = RunEntry["action"];

export const RUN_KINDS: readonly RunKind[] = ["backup", "copy", "restore", "verify", "delete", "prune", "gc"];

/** A run as history shows it: by its record, or by the backup that one without a record left. */
export interface HistoryRun {
  readonly kind: RunKind;
  /** Absent of what belongs to none: garbage collection, and what was done with backups that no policy made. */
  readonly policy?: string | undefined;
  /** Absent where there is no record: the run was killed, or is older than records are. */
  readonly runId?: string | undefined;
  /** "" of a run that is about no single one. */
  readonly backup: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt?: string | undefined;
  readonly state: RunState | "running";
  readonly exitStatus?: number | undefined;
  readonly rows?: number | undefined;
  readonly bytes: number;
  readonly errors: readonly string[];
  readonly summary?: string | undefined;
}

/** How things went in one target, in the time that is looked at. */
export interface TargetHistory {
  readonly policy: string;
  readonly target: string;
  /** But for those that were left out on purpose, or are under way. */
  readonly runs: number;
  readonly complete: number;
  /** From 0 to 1; absent without a run. */
  readonly successRate?: number | undefined;
  /** Recovery point: the time between two complete backups, and since the newest; absent where there is none. */
  readonly rpo?: { readonly longestSeconds: number; readonly currentSeconds: number } | undefined;
  /** Recovery time: what drills took; absent where none has passed. */
  readonly rto?: { readonly newestSeconds: number; readonly worstSeconds: number; readonly drills: number } | undefined;
}

export interface HistoryInput extends BackupGroup {
  readonly target: string;
  /** Of the policy and source in this target, and the drills that no policy asked for. */
  readonly entries: readonly RunEntry[];
  /** The backups of the target. */
  readonly backups: readonly (CatalogEntry & { readonly finishedAt?: string | undefined })[];
  /** ISO 8601, UTC: what is looked at began no earlier. */
  readonly since: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The runs of a policy that a target knows of, the newest first: those with a record, and those that left a backup only. */
export function listRuns(input: HistoryInput): readonly HistoryRun[] {
  const own = input.entries.filter((entry) => isOf(entry, input));
  const recorded = new Set(own.filter(({ action }) => action === "backup").map(({ backup }) => backup));
  const silent = input.backups.filter((entry) => isOwn(entry, input) && !recorded.has(entry.name));
  return newestFirst([...own.map(fromEntry), ...silent.map((entry) => fromBackup(entry, input.policy))]);
}

/** Runs by their records, whatever they belong to; the newest first. */
export function listRecorded(entries: readonly RunEntry[]): readonly HistoryRun[] {
  return newestFirst(entries.map(fromEntry));
}

function newestFirst(runs: readonly HistoryRun[]): readonly HistoryRun[] {
  return runs.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

/** Success rate, recovery point and recovery time of a policy in a target. */
export function judgeHistory(input: HistoryInput): TargetHistory {
  const { policy, target, entries, now } = input;
  const ended = ownBackups(input).filter(({ state }) => state !== "skipped");
  const silent = listRuns(input).filter(({ runId, state }) => runId === undefined && state !== "running");
  const complete = [
    ...ended.filter((entry) => stateIn(entry, target) === "complete"),
    ...silent.filter(({ state }) => state === "complete"),
  ];
  const runs = ended.length + silent.length;
  const times = complete.map(({ startedAt }) => Date.parse(startedAt)).toSorted((a, b) => a - b);
  const drills = entries
    .filter(({ startedAt }) => startedAt >= input.since)
    .toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
    .flatMap(({ checks }) => checks)
    .filter((check) => check.level === "restore" && check.verdict === "ok" && check.target === target)
    .flatMap(({ seconds }) => seconds ?? []);
  const [newestDrill] = drills.slice(-1);
  return {
    policy,
    target,
    runs,
    complete: complete.length,
    ...(runs > 0 && { successRate: complete.length / runs }),
    ...(times.length > 0 && { rpo: recoveryPoint(times, now) }),
    ...(newestDrill !== undefined && {
      rto: { newestSeconds: newestDrill, worstSeconds: Math.max(...drills), drills: drills.length },
    }),
  };
}

/** What counts for the rate and the recovery point: who prunes or restores takes no backup. */
function ownBackups(input: HistoryInput): readonly RunEntry[] {
  return input.entries.filter((entry) => entry.action === "backup" && isOf(entry, input));
}

/** A restore is of the policy that made the backup, whatever it is restored into. */
function isOf(entry: RunEntry, { policy, source, since }: HistoryInput): boolean {
  const isOfSource = entry.source === source || entry.action === "restore";
  return entry.policy === policy && isOfSource && entry.startedAt >= since;
}

function isOwn(entry: CatalogEntry, { policy, source, since }: HistoryInput): boolean {
  return entry.policy === policy && entry.source === source && (entry.startedAt ?? "") >= since;
}

/** What a run is in a target of several. */
function stateIn({ targets, state }: RunEntry, target: string): string {
  return targets.find(({ name }) => name === target)?.state ?? state;
}

function fromEntry(entry: RunEntry): HistoryRun {
  const { action, policy, runId, backup, startedAt, finishedAt, state, exitStatus, errors, summary } = entry;
  const { rows, bytes } = entry;
  const times = { startedAt, finishedAt };
  return { kind: action, policy, runId, backup, ...times, state, exitStatus, rows, bytes, errors, summary };
}

const STATES: ReadonlySet<string> = new Set<HistoryRun["state"]>(["complete", "partial", "failed", "running"]);

function fromBackup({ name, state, startedAt, bytes }: CatalogEntry, policy: string): HistoryRun {
  const known = isRunState(state) ? state : "interrupted";
  return { kind: "backup", policy, backup: name, startedAt: startedAt ?? "", state: known, bytes, errors: [] };
}

function isRunState(state: string): state is HistoryRun["state"] {
  return STATES.has(state);
}

/** Between two backups everything since the first could be lost; so it can now. */
function recoveryPoint(times: readonly number[], now: number): TargetHistory["rpo"] {
  const currentSeconds = Math.max(0, Math.round((now - (times.at(-1) ?? now)) / 1000));
  const gaps = times.slice(1).map((time, index) => Math.round((time - (times[index] ?? time)) / 1000));
  return { longestSeconds: Math.max(currentSeconds, ...gaps), currentSeconds };
}
