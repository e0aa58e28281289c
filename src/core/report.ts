import { afterwardsOf, formatChecks, toldByChecks, withChecks } from "./check-report.ts";
import type { CheckOutcome } from "./check-outcome.ts";
import { formatName } from "./collection-name.ts";
import type { CollectionName } from "./collection-name.ts";
import { EXIT_STATUS, worstStatus } from "./errors.ts";
import type { ExitStatus } from "./errors.ts";
import type { CollectionOutcome, EventError, StepStatus, TargetOutcome } from "./events.ts";
import type { Plan, Step } from "./plan.ts";
import type { GcPauseOutcome } from "./gc-pause.ts";
import { formatCollected } from "./gc-plan.ts";
import type { GarbageOutcome } from "./gc-plan.ts";
import { formatPruned } from "./prune-plan.ts";
import type { PruneOutcome } from "./prune-plan.ts";
import { formatBytes, formatCount, formatPlural } from "./quantities.ts";
import { areWhole, copySteps, formatCopy, formatStates, judgeTargets } from "./target-outcomes.ts";

/** skipped: a hook said that nothing is to be done. */
export type RunState = "complete" | "partial" | "failed" | "interrupted" | "skipped";

/** What one run did, was not able to do, and why: for programs as JSON, for people as text. */
export interface RunReport {
  readonly version: 1;
  readonly runId: string;
  readonly action: Plan["action"];
  readonly backup: string;
  readonly policy?: string | undefined;
  readonly source?: string | undefined;
  readonly target: string;
  readonly state: RunState;
  readonly exitStatus: ExitStatus;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly collections: readonly CollectionOutcome[];
  /** Of a backup: what became of it in each target, the one that it was written to first. Of a copy: in that target. */
  readonly targets?: readonly TargetOutcome[] | undefined;
  /** Of a backup: the pause of Milvus's garbage collection; absent where none was wanted. */
  readonly gc?: GcPauseOutcome | undefined;
  /** What was looked at of a backup, and what was found; absent when the run had no check. */
  readonly checks?: readonly CheckOutcome[] | undefined;
  /** What retention said in each target that was pruned, and what is gone; absent when nothing was. */
  readonly prunes?: readonly PruneOutcome[] | undefined;
  /** Of a gc: what was nobody's, and what is gone. */
  readonly garbage?: GarbageOutcome | undefined;
  /** Failures of steps that are about no collection and no further target. */
  readonly errors: readonly EventError[];
  readonly warnings: readonly string[];
  /** One sentence. */
  readonly summary: string;
}

export interface ReportInput {
  readonly plan: Plan;
  readonly runId: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly outcomes: readonly CollectionOutcome[];
  /** Of further targets; those of the plan that are not there were not reached. */
  readonly targets?: readonly TargetOutcome[] | undefined;
  readonly checks?: readonly CheckOutcome[] | undefined;
  readonly prunes?: readonly PruneOutcome[] | undefined;
  readonly garbage?: GarbageOutcome | undefined;
  /** How each step ended, by its id: one of the plan that is not there did not begin. */
  readonly steps: ReadonlyMap<string, StepStatus>;
  /** Of every step that failed, those of collections too. */
  readonly failures: readonly (EventError & { readonly step: string })[];
  /** The code of what stopped the run, when something did. */
  readonly stoppedBy?: "interrupted" | "terminated" | undefined;
  /** Selected, but not in the backup that is restored. */
  readonly missing?: readonly { readonly name: CollectionName; readonly reason: string }[];
}

/** Of a run's collections every one must be accounted for: one that said nothing was stopped before its end. */
export function makeReport(input: ReportInput): RunReport {
  const { plan, runId, startedAt, finishedAt, failures } = input;
  const collections = inOrderOf(plan, [...input.outcomes, ...absent(input)]);
  const state = stateOf(input, collections);
  const copies = plan.action === "backup" ? copySteps(plan) : [];
  const told = new Set([...input.outcomes.map(stepOf), ...copies.map(({ id }) => id), ...toldByChecks(input)]);
  const { checks = [], prunes = [], garbage } = input;
  const targets = targetsOf(input, collections);
  return {
    version: 1,
    runId,
    action: plan.action,
    backup: plan.backup,
    policy: plan.policy,
    source: plan.source,
    target: plan.target,
    state,
    exitStatus: exitStatusOf(input, state),
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    collections,
    ...(targets && { targets }),
    ...(checks.length > 0 && { checks }),
    ...(prunes.length > 0 && { prunes }),
    ...(garbage && { garbage }),
    errors: failures.filter(({ step }) => !told.has(step)).map(({ code, message, hint }) => ({ code, message, hint })),
    warnings: plan.warnings,
    summary: summarize(input, { state, collections, targets }),
  };
}

function summarize(
  input: ReportInput,
  { state, collections, targets }: Pick<RunReport, "state" | "collections" | "targets">,
): string {
  const { plan } = input;
  if (plan.action === "verify") return formatChecks(input);
  if (plan.action === "prune") return formatPruned(plan, deletedOf(input));
  if (plan.action === "copy") return formatCopy(plan, targets);
  if (plan.action === "gc") return formatCollected(plan, input);
  return withChecks(summaryOf(plan, formatStates(targets) ?? state, collections), input);
}

function deletedOf({ prunes = [] }: ReportInput): readonly string[] {
  return prunes.flatMap(({ deleted }) => deleted);
}

function targetsOf(
  input: ReportInput,
  collections: readonly CollectionOutcome[],
): readonly TargetOutcome[] | undefined {
  if (input.plan.action === "copy") return input.targets ?? [];
  return input.plan.action === "backup" ? judgeTargets(input, collections) : undefined;
}

/** Complete is what left nothing out: no collection and no step of the plan, however late it was told to stop. */
function stateOf(
  { plan, steps, failures, stoppedBy, targets = [] }: ReportInput,
  collections: readonly CollectionOutcome[],
): RunState {
  const afterwards = afterwardsOf(plan);
  if (areWhole(collections) && plan.steps.every(({ id }) => afterwards.has(id) || steps.get(id) === "done")) {
    return plan.action === "copy" && targets.some(({ state }) => state === "partial") ? "partial" : "complete";
  }
  if (stoppedBy !== undefined) return "interrupted";
  const copies = new Set(plan.steps.filter(isElsewhere).map(({ id }) => id));
  const isAbout = new Set(collections.map(stepOf));
  const other = failures.some(({ step }) => !copies.has(step) && !isAbout.has(step) && !afterwards.has(step));
  return collections.some(({ state }) => state === "complete") && !other ? "partial" : "failed";
}

/** What happens in further targets leaves the backup where it was written what it is. */
function isElsewhere({ kind }: Step): boolean {
  return kind === "copy-backup" || kind === "catch-up";
}

/** Worst of what the failures say; what is partial says 3 whatever the collections failed of, damage excepted. */
function exitStatusOf({ plan, steps, failures, stoppedBy }: ReportInput, state: RunState): ExitStatus {
  const afterwards = afterwardsOf(plan);
  const after = failures.filter(({ step }) => afterwards.has(step)).map(({ code }) => EXIT_STATUS[code]);
  if (state === "complete") {
    const isCutShort = stoppedBy !== undefined && [...afterwards].some((id) => !steps.has(id));
    return worstStatus([...after, ...(isCutShort ? [EXIT_STATUS[stoppedBy]] : [])]);
  }
  if (stoppedBy !== undefined) return EXIT_STATUS[stoppedBy];
  const statuses = failures.map(({ code }) => EXIT_STATUS[code]);
  if (state === "failed") return worstStatus([...statuses, ...(statuses.length === 0 ? [EXIT_STATUS.failed] : [])]);
  const grave = statuses.filter((status) => status === EXIT_STATUS.damaged || status === EXIT_STATUS.bug);
  return worstStatus([...grave, ...after, EXIT_STATUS.partial]);
}

/** What was selected and said nothing. */
function absent({ plan, outcomes, missing = [], stoppedBy }: ReportInput): readonly CollectionOutcome[] {
  const heard = new Set(outcomes.map(stepOf));
  const silent = plan.steps.flatMap((step) => {
    if (step.kind !== "back-up-collection" && step.kind !== "restore-collection") return [];
    const reason = stoppedBy === undefined ? "an earlier step failed" : "the run was stopped before it was done";
    if (heard.has(step.id)) return [];
    if (step.kind === "back-up-collection") return [unheard(step.collection, reason)];
    return [{ ...unheard(step.from, reason), restoredTo: step.to }];
  });
  return [...silent, ...missing.map(({ name, reason }) => unheard(name, `it is not in the backup: ${reason}`))];
}

/** As they were planned, whichever was done first; what was never in the plan last. */
function inOrderOf({ steps }: Plan, outcomes: readonly CollectionOutcome[]): readonly CollectionOutcome[] {
  const places = new Map(steps.map(({ id }, place) => [id, place]));
  const placeOf = (outcome: CollectionOutcome): number => places.get(stepOf(outcome)) ?? steps.length;
  return outcomes.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function unheard(collection: CollectionName, message: string): CollectionOutcome {
  const error = { code: "failed", message } as const;
  return { collection, state: "missing", rows: 0, segments: 0, objects: 0, bytes: 0, error, notes: [] };
}

function stepOf({ collection, restoredTo }: CollectionOutcome): string {
  return formatName(restoredTo ?? collection);
}

function summaryOf({ action, backup }: Plan, state: string, collections: readonly CollectionOutcome[]): string {
  if (action === "delete") return state === "complete" ? `${backup} is deleted` : `${backup} could not be deleted`;
  const whole = collections.filter((outcome) => outcome.state === "complete");
  const sum = (of: (outcome: CollectionOutcome) => number): number =>
    whole.reduce((total, outcome) => total + of(outcome), 0);
  const all = formatPlural(collections.length, "collection");
  const counts = [
    collections.length === whole.length ? all : `${formatCount(whole.length)} of ${all}`,
    formatPlural(
      sum(({ rows }) => rows),
      "row",
    ),
    formatBytes(sum(({ bytes }) => bytes)),
  ].join(", ");
  return `${action === "backup" ? "Backup" : "Restore of"} ${backup} is ${state}: ${counts}`;
}
