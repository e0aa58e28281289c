import { randomBytes } from "node:crypto";
import { createRun } from "../engine/run.ts";
import type { Display, Run } from "../engine/run.ts";
import { formatReport } from "../report/format-report.ts";
import type { RunReport } from "../core/report.ts";
import type { ExitStatus } from "../core/errors.ts";
import type { CommandDeps } from "./command.ts";

/** A run whose events go to stdout with --json, and otherwise are drawn as progress. */
export function startRun(deps: CommandDeps, { json = false }: { readonly json?: boolean }): Run {
  const { signal, now, progress, print, warn } = deps;
  return createRun({
    runId: newRunId(now()),
    signal,
    now,
    display: { renderer: json ? "silent" : rendererFor(progress), output: progress },
    onEvent: (event) => {
      if (json) print(JSON.stringify(event));
      else if (event.type === "notice") warn(event.message);
    },
  });
}

/** A terminal that does not know its width would get a character a line. */
function rendererFor(progress: NodeJS.WriteStream): Display["renderer"] {
  return progress.isTTY && progress.columns > 0 ? "default" : "simple";
}

/** Sorts by time, and fits into names of collections and keys: letters, digits and "_". */
export function newRunId(now: Date): string {
  const stamp = now
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z$/g, "")
    .replace("T", "_");
  return `${stamp}_${randomBytes(4).toString("hex")}`;
}

/** The report as the last line for programs, or as text for people. */
export function printReport(
  { print }: CommandDeps,
  report: RunReport,
  { json = false }: { readonly json?: boolean },
): ExitStatus {
  print(json ? JSON.stringify({ type: "report", ...report }) : formatReport(report));
  return report.exitStatus;
}
