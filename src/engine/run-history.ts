import type { RunReport } from "../core/report.ts";
import { entryOfError, entryOfReport } from "../core/run-entry.ts";
import type { RunEntry, RunFacts } from "../core/run-entry.ts";
import type { ClosedTarget, OpenTarget } from "./places.ts";
import { createRunRecords } from "./run-records.ts";
import type { Run } from "./run.ts";

/** How a run came to its end. */
export type RunEnd = { readonly report: RunReport } | { readonly error: unknown };

/** Leaves the record of a run in the targets that it reached. What cannot be recorded is a warning, and no more. */
export interface RunHistory {
  /** Does the work while this target is open, and records how that ended before a hook closes the way to the target. */
  within(run: Run, target: OpenTarget, work: () => Promise<RunReport>): Promise<RunReport>;
  /** Records how the run ended where that is not what was recorded; gives back what could not be. */
  finish(run: Run, end: RunEnd): Promise<readonly string[]>;
}

export interface HistoryOptions extends Pick<RunFacts, "action" | "policy" | "source"> {
  /** What the run is about, should it come to no report. */
  readonly backup: string;
  /** All that it could reach. */
  readonly targets: readonly ClosedTarget[];
  now(): Date;
  mask(text: string): string;
}

/** Opened when the run begins. */
export function openRunHistory(options: HistoryOptions): RunHistory {
  const { targets } = options;
  const records = createRunRecords(options);
  const toEntry = entryMaker(options, options.now().toISOString());
  return {
    within: async (run, target, work) => {
      const [ended] = await Promise.allSettled([work()]);
      const end: RunEnd = ended.status === "fulfilled" ? { report: ended.value } : { error: ended.reason as unknown };
      const entry = toEntry(run, end);
      const isNothing = "error" in end && options.policy === undefined; // a one-off that did not begin leaves an empty place empty
      if (!isNothing) await records.put(target, entry);
      const copied = targets.filter(({ name }) => name !== target.name && isWholeIn(entry, name));
      for (const other of copied) await records.putClosed(other, entry);
      if ("report" in end) return end.report;
      throw end.error;
    },
    finish: async (run, end) => {
      const entry = toEntry(run, end);
      const reached = targets.filter(({ name }) => records.isReached(name));
      for (const target of reached.length > 0 ? reached : targets) await records.putKnown(target, entry);
      return records.warnings();
    },
  };
}

function entryMaker(options: HistoryOptions, startedAt: string): (run: Run, end: RunEnd) => RunEntry {
  const { action, policy, source, backup, now, mask } = options;
  return ({ runId, took, signal }, end) => {
    const facts = { runId, action, policy, source, backup, startedAt, finishedAt: now().toISOString() };
    const entry =
      "report" in end
        ? entryOfReport(end.report, { ...facts, took })
        : entryOfError(signal.aborted ? signal.reason : end.error, facts); // what was stopped fails of many things
    return { ...entry, summary: mask(entry.summary) };
  };
}

function isWholeIn({ targets }: RunEntry, name: string): boolean {
  return targets.some((target) => target.name === name && (target.state === "complete" || target.state === "partial"));
}
