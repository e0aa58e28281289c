import type { ExitStatus } from "../core/errors.ts";
import type { EventError } from "../core/events.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { Display } from "../engine/run.ts";
import { formatPlan } from "../report/format-plan.ts";
import { formatReport } from "../report/format-report.ts";
import type { RunCaller } from "./caller.ts";
import type { CommandDeps } from "./command.ts";

interface PrintOptions {
  readonly json?: boolean;
}

/** The command as a caller: events go to stdout with --json, and otherwise are drawn as progress. */
export function toRunCaller(deps: CommandDeps, { json = false }: PrintOptions): RunCaller {
  const { progress, print, warn } = deps;
  return {
    ...deps,
    display: json ? { renderer: "silent" } : { renderer: rendererFor(progress), output: progress },
    onEvent: (event) => {
      if (json) print(JSON.stringify(event));
      else if (event.type === "notice") warn(event.message);
      else if (event.type === "hook.finished" && event.on !== "before" && event.error) warn(hookLines(event.error));
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
