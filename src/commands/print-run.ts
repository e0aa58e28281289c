import type { ExitStatus } from "../core/errors.ts";
import type { EventError } from "../core/events.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { Display } from "../engine/run.ts";
import { formatPlan } from "../report/format-plan.ts";
import { summarizeRuns } from "../core/run-summary.ts";
import type { PolicyOutcome } from "../core/run-summary.ts";
import { formatReport } from "../report/format-report.ts";
import { formatSummary } from "../report/format-summary.ts";
import type { RunCaller } from "./caller.ts";
import type { CommandDeps } from "./command.ts";

export interface PrintOptions {
  readonly json?: boolean;
}

/** The command as a caller: events go to stdout with --json, to stderr with --log-format json; else they are drawn there. */
export function toRunCaller(deps: CommandDeps, { json = false }: PrintOptions): RunCaller {
  const { progress, print, warn, log } = deps;
  const isDrawn = !json && log === undefined;
  return {
    ...deps,
    display: isDrawn ? { renderer: rendererFor(progress), output: progress } : { renderer: "silent" },
    onEvent: (event) => {
      if (json) print(JSON.stringify(event));
      log?.(event);
      if (!isDrawn) return;
      if (event.type === "notice") warn(event.message);
      if (event.type === "hook.finished" && event.on !== "before" && event.error) warn(hookLines(event.error));
    },
  };
}

/** At once: when a run could not begin, there is no report that would tell of it. Of a before the run's own error tells. */
function hookLines({ message, hint }: EventError): string {
  return hint === undefined ? message : `${message}\nhint: ${hint}`;
}

/** A terminal that does not know its width would get a character a line. */
function rendererFor(progress: NodeJS.WriteStream): Exclude<Display["renderer"], "silent"> {
  return progress.isTTY && progress.columns > 0 ? "default" : "simple";
}

/** What was done, or of a dry run what would be: JSON on the last line for programs, or text for people. */
export function printOutcome(
  { print }: CommandDeps,
  outcome: Plan | RunReport,
  { json = false }: PrintOptions,
): ExitStatus {
  if ("steps" in outcome) {
    print(json ? JSON.stringify(outcome) : formatPlan(outcome));
    return 0;
  }
  print(json ? JSON.stringify({ type: "report", ...outcome }) : formatReport(outcome));
  return outcome.exitStatus;
}

/** What became of several policies, as the last line for programs, or as a table for people. */
export function printSummary(
  { print }: CommandDeps,
  outcomes: readonly PolicyOutcome[],
  { json = false }: PrintOptions,
): void {
  const summary = summarizeRuns(outcomes);
  print(json ? JSON.stringify({ type: "summary", ...summary }) : `\n${formatSummary(summary)}`);
}
