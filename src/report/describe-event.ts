import { checkStepId, formatOutcome } from "../core/check-outcome.ts";
import { formatName } from "../core/collection-name.ts";
import { EXIT_STATUS } from "../core/errors.ts";
import type { BackupEvent, EventError } from "../core/events.ts";
import { formatBytes, formatCount, formatDuration, formatPlural } from "../core/quantities.ts";

interface Description {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
}

/** An event as a line of a log. */
export interface LogLine extends Description {
  /** The event but for its time, which the log has, and for what would make lines long. */
  readonly facts: Readonly<Record<string, unknown>>;
}

type EventOf<Type extends BackupEvent["type"]> = Extract<BackupEvent, { readonly type: Type }>;

export function describeEvent(event: BackupEvent): LogLine {
  const describe = DESCRIPTIONS[event.type] as (event: BackupEvent) => Description; // the one of this very type
  return { ...describe(event), facts: factsOf(event) };
}

function factsOf({ at: _at, ...event }: BackupEvent): LogLine["facts"] {
  const { runId, type } = event;
  if (event.type === "plan.made") return { runId, type, backup: event.plan.backup };
  return event.type === "notice" ? { runId, type } : event;
}

const DESCRIPTIONS: { readonly [Type in BackupEvent["type"]]: (event: EventOf<Type>) => Description } = {
  "run.started": ({ action }) => info(`${action} started`),
  "plan.made": ({ plan }) => info(`plan of ${formatPlural(plan.steps.length, "step")}`),
  "step.started": ({ step }) => info(`${step} started`),
  "step.progress": ({ step, phase, ...amounts }) => info(`${step}: ${phase} ${formatAmounts(amounts)}`),
  "step.finished": ({ step, status, ms, error }) =>
    levelled(status === "done", `${step} ${status} in ${formatDuration(ms)}${because(error)}`),
  "collection.finished": ({ collection, state, error }) =>
    levelled(state === "complete" || state === "dropped", `${formatName(collection)} is ${state}${because(error)}`),
  "backup.committed": ({ backup, state }) => levelled(state === "complete", `${backup} is committed, ${state}`),
  "hook.finished": ({ name, on, scope, state, ms, onError, error }) => ({
    level: state === "failed" ? LEVEL_OF_FAILURE[onError] : "info",
    message: `hook ${name} (${on} ${scope}) ${state} in ${formatDuration(ms)}${because(error)}`,
  }),
  "gc.changed": ({ state, until, reason }) => ({
    level: state === "paused" || state === "released" ? "info" : "warn",
    message: `garbage collection: ${GC_STATES[state]}${until ? ` until ${until}` : ""}${reason ? `: ${reason}` : ""}`,
  }),
  "target.finished": ({ name, state, error }) =>
    levelled(state === "complete", `the copy in ${name} is ${state}${because(error)}`),
  "check.finished": (outcome) =>
    levelled(outcome.verdict === "ok", `check ${checkStepId(outcome)}: ${formatOutcome(outcome)}`),
  "prune.decided": ({ policy, target, verdicts }) => {
    const count = verdicts.filter(({ verdict }) => verdict === "prune").length;
    return info(`retention of ${policy} in ${target}: ${count} of ${formatPlural(verdicts.length, "backup")} to go`);
  },
  "backup.deleted": ({ backup, target, objects }) =>
    info(`${backup} is deleted in ${target}: ${formatPlural(objects, "object")}`),
  "garbage.decided": ({ target, groups, unfinished }) => {
    const due = groups.filter(({ state }) => state === "due").reduce((sum, { objects }) => sum + objects, 0);
    return info(
      `garbage in ${target}: ${formatPlural(due, "object")} to go, ${formatPlural(unfinished.length, "deletion")} to finish`,
    );
  },
  "garbage.deleted": ({ place, target, source = target, objects, bytes }) =>
    info(`${formatPlural(objects, "object")} of ${place} deleted in ${source}: ${formatBytes(bytes)}`),
  notice: ({ message }) => ({ level: "warn", message }),
  "run.finished": ({ exitStatus, summary }) =>
    exitStatus === EXIT_STATUS.skipped ? { level: "warn", message: summary } : levelled(exitStatus === 0, summary),
};

const GC_STATES: Readonly<Record<EventOf<"gc.changed">["state"], string>> = {
  paused: "paused",
  "not-paused": "not paused",
  lapsed: "the pause is not sure to hold",
  released: "the pause is ended",
  left: "the pause is not ended, and lasts",
};

/** Of a hook. */
const LEVEL_OF_FAILURE = { fail: "error", warn: "warn", skip: "warn" } as const;

function info(message: string): Description {
  return { level: "info", message };
}

function levelled(isWell: boolean, message: string): Description {
  return { level: isWell ? "info" : "error", message };
}

function because(error: EventError | undefined): string {
  return error === undefined ? "" : `: ${error.message}`;
}

function formatAmounts({ done, total, unit }: Pick<EventOf<"step.progress">, "done" | "total" | "unit">): string {
  if (unit === "bytes") return `${formatBytes(done)} of ${formatBytes(total)}`;
  return `${formatCount(Math.round(done))} of ${formatCount(total)} ${unit}`;
}
