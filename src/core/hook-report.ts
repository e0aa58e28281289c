import type { HookOutcome } from "./contracts/hook-plugin.ts";
import { EXIT_STATUS, worstStatus } from "./errors.ts";
import { toEventError } from "./event-error.ts";
import type { EventError, FinishedHook } from "./events.ts";
import { isStopCode } from "./hook-failure.ts";
import type { RunReport } from "./report.ts";

/** The report with what its hooks did: one whose failure is fatal makes the run failed, however whole the backup is. */
export function addHooks(report: RunReport, hooks: readonly FinishedHook[]): RunReport {
  const fatal = hooks.filter(isFatal);
  const warnings = hooks.filter(isWarning).flatMap(({ error }) => (error === undefined ? [] : [error.message]));
  const warned = { ...report, warnings: [...report.warnings, ...warnings] };
  if (fatal.length === 0) return warned;
  return {
    ...warned,
    state: report.state === "interrupted" ? report.state : "failed",
    exitStatus: worstStatus([report.exitStatus, EXIT_STATUS.failed]),
    errors: [...report.errors, ...errorsOf(fatal)],
    summary: `${report.summary}, but ${namesOf(fatal)} failed`,
  };
}

/** The report of a run that did nothing, since a hook asked for that. */
export function skippedReport(
  what: Pick<RunReport, "runId" | "action" | "backup" | "policy" | "source" | "target">,
  { reason, now }: { readonly reason: string; readonly now: Date },
): RunReport {
  return {
    version: 1,
    ...what,
    state: "skipped",
    exitStatus: EXIT_STATUS.skipped,
    startedAt: now.toISOString(),
    finishedAt: now.toISOString(),
    collections: [],
    errors: [],
    warnings: [],
    summary: `${what.backup} is skipped: ${reason}`,
  };
}

/** What hooks are told of a run that has come to its end. */
export function outcomeOfReport(report: RunReport): HookOutcome {
  const complete = report.collections.filter(({ state }) => state === "complete");
  const [error] = [...report.errors, ...[...report.collections, ...(report.targets ?? [])].flatMap(errorOf)];
  return {
    state: report.state,
    exitStatus: report.exitStatus,
    summary: report.summary,
    error,
    collections: report.collections.length,
    collectionsComplete: complete.length,
    rows: complete.reduce((sum, { rows }) => sum + rows, 0),
    bytes: complete.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function errorOf({ error }: Pick<RunReport["collections"][number], "error">): readonly EventError[] {
  return error === undefined ? [] : [error];
}

/** What hooks are told when it did not come to a report. */
export function outcomeOfError(error: unknown): HookOutcome {
  const because = toEventError(error);
  const nothing = { collections: 0, collectionsComplete: 0, rows: 0, bytes: 0 };
  const told = { exitStatus: EXIT_STATUS[because.code], summary: because.message, ...nothing };
  if (because.code === "skipped") return { ...told, state: "skipped" };
  return { ...told, state: isStopCode(because.code) ? "interrupted" : "failed", error: because };
}

/** The outcome as the hooks since have left it: an after that fails changes what the next ones are told. */
export function worsenOutcome(outcome: HookOutcome, hooks: readonly FinishedHook[]): HookOutcome {
  const fatal = hooks.filter(isFatal);
  if (fatal.length === 0 || outcome.state === "failed" || outcome.state === "interrupted") return outcome;
  return {
    ...outcome,
    state: "failed",
    exitStatus: worstStatus([outcome.exitStatus, EXIT_STATUS.failed]),
    summary: `${outcome.summary}, but ${namesOf(fatal)} failed`,
    error: outcome.error ?? errorsOf(fatal)[0],
  };
}

/** Of one collection a before that fails is the failure of that collection, and told there. */
function isOfCollection({ scope, on, onError }: FinishedHook): boolean {
  return scope === "collection" && on === "before" && onError !== "warn";
}

/** What was stopped with the run is not at fault. */
function isAtFault(hook: FinishedHook): boolean {
  return hook.state === "failed" && !isOfCollection(hook) && !isStopCode(hook.error?.code);
}

function isFatal(hook: FinishedHook): boolean {
  return isAtFault(hook) && hook.onError === "fail";
}

function isWarning(hook: FinishedHook): boolean {
  return isAtFault(hook) && hook.onError !== "fail";
}

function errorsOf(hooks: readonly FinishedHook[]): readonly EventError[] {
  return hooks.flatMap(({ error }) => error ?? []);
}

function namesOf(hooks: readonly FinishedHook[]): string {
  const names = [...new Set(hooks.map(({ name }) => name))];
  return `${names.length === 1 ? "the hook" : "the hooks"} ${names.join(", ")}`;
}
