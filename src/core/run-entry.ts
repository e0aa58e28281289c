import type { CheckLevel } from "./check-level.ts";
import { checkStepId } from "./check-outcome.ts";
import type { ErrorCode, ExitStatus } from "./errors.ts";
import type { TargetState } from "./events.ts";
import { outcomeOfError } from "./hook-report.ts";
import type { Plan } from "./plan.ts";
import type { RunReport, RunState } from "./report.ts";
import { toEventError } from "./event-error.ts";

/** What is kept of a run in its targets: enough to tell how it went, and how things go in the long run. */
export interface RunEntry {
  readonly formatVersion: 1;
  readonly runId: string;
  readonly action: Plan["action"];
  readonly policy?: string | undefined;
  readonly source?: string | undefined;
  readonly backup: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly state: RunState;
  readonly exitStatus: ExitStatus;
  readonly collections: { readonly all: number; readonly complete: number };
  /** Of the collections that are complete. */
  readonly rows: number;
  readonly bytes: number;
  /** Of a backup or a copy: what became of it in each target. */
  readonly targets: readonly { readonly name: string; readonly state: TargetState }[];
  readonly checks: readonly RunCheck[];
  /** The codes of what went wrong, each once. */
  readonly errors: readonly ErrorCode[];
  /** One sentence. */
  readonly summary: string;
}

/** A check that a run did; a drill is one of the level restore. */
export interface RunCheck {
  readonly backup: string;
  readonly target: string;
  readonly level: CheckLevel;
  readonly verdict: "ok" | "damaged";
  /** How long it took; of a drill: the restore and the comparison. */
  readonly seconds?: number | undefined;
}

/** What a run is, however it ends. */
export interface RunFacts extends Pick<RunEntry, "runId" | "action" | "policy" | "source" | "backup" | "startedAt"> {
  readonly finishedAt: string;
}

/** The entry of a run that has a report. */
export function entryOfReport(
  report: RunReport,
  { took, ...facts }: RunFacts & { readonly took: ReadonlyMap<string, number> },
): RunEntry {
  const { collections, targets = [], checks = [] } = report;
  const complete = collections.filter(({ state }) => state === "complete");
  return {
    formatVersion: 1,
    ...facts,
    backup: report.backup,
    state: report.state,
    exitStatus: report.exitStatus,
    collections: { all: collections.length, complete: complete.length },
    rows: complete.reduce((sum, { rows }) => sum + rows, 0),
    bytes: complete.reduce((sum, { bytes }) => sum + bytes, 0),
    targets: targets.map(({ name, state }) => ({ name, state })),
    checks: checks.map((check) => {
      const ms = took.get(checkStepId(check));
      const { backup, target, level, verdict } = check;
      return { backup, target, level, verdict, ...(ms !== undefined && { seconds: Math.round(ms / 100) / 10 }) };
    }),
    errors: codesOf(report),
    summary: report.summary,
  };
}

/** The entry of a run that did not come to a report. */
export function entryOfError(error: unknown, facts: RunFacts): RunEntry {
  const { state, exitStatus, summary } = outcomeOfError(error);
  const none = { all: 0, complete: 0 };
  const nothing = { collections: none, rows: 0, bytes: 0, targets: [], checks: [] };
  const errors = [toEventError(error).code];
  return { formatVersion: 1, ...facts, state, exitStatus, ...nothing, errors, summary };
}

function codesOf({ errors, collections, targets = [] }: RunReport): readonly ErrorCode[] {
  const all = [...errors, ...[...collections, ...targets].flatMap(({ error }) => error ?? [])];
  return [...new Set(all.map(({ code }) => code))];
}
