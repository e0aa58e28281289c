import { worstStatus } from "./errors.ts";
import type { ExitStatus } from "./errors.ts";
import type { EventError } from "./events.ts";
import { formatCount } from "./quantities.ts";
import type { RunReport, RunState } from "./report.ts";

/** What became of one policy among several: its run's report, or why there was no run. */
export type PolicyOutcome =
  | { readonly policy: string; readonly report: RunReport }
  | { readonly policy: string; readonly error: EventError; readonly exitStatus: ExitStatus };

/** A line of the summary. */
export interface PolicySummary {
  readonly policy: string;
  /** not-started: nothing was written. */
  readonly state: RunState | "not-started";
  readonly exitStatus: ExitStatus;
  readonly backup?: string | undefined;
  /** One sentence: the report's, or why it did not start. */
  readonly summary: string;
}

/** What became of several policies that one call ran. */
export interface RunSummary {
  readonly version: 1;
  /** The worst of them. */
  readonly exitStatus: ExitStatus;
  readonly policies: readonly PolicySummary[];
  /** One sentence. */
  readonly summary: string;
}

/** Every policy that was asked for is in it, in that order. */
export function summarizeRuns(outcomes: readonly PolicyOutcome[]): RunSummary {
  const policies = outcomes.map(toSummary);
  const complete = policies.filter(({ state }) => state === "complete").length;
  const all = `${formatCount(policies.length)} ${policies.length === 1 ? "policy" : "policies"}`;
  return {
    version: 1,
    exitStatus: worstStatus(policies.map(({ exitStatus }) => exitStatus)),
    policies,
    summary: `${formatCount(complete)} of ${all} complete`,
  };
}

function toSummary(outcome: PolicyOutcome): PolicySummary {
  const { policy } = outcome;
  if ("report" in outcome) {
    const { state, exitStatus, backup, summary } = outcome.report;
    return { policy, state, exitStatus, backup, summary };
  }
  return { policy, state: "not-started", exitStatus: outcome.exitStatus, summary: outcome.error.message };
}
