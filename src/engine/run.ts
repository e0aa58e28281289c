import type { CheckOutcome } from "../core/check-outcome.ts";
import type {
  BackupEvent,
  CollectionOutcome,
  EventBody,
  EventError,
  FinishedHook,
  StepStatus,
  TargetOutcome,
} from "../core/events.ts";
import type { GarbageOutcome } from "../core/gc-plan.ts";
import type { PruneOutcome } from "../core/prune-plan.ts";

/** Where listr2 draws, and how: lines that move, lines that stay, or nothing. */
export type Display =
  | { readonly renderer: "default" | "simple"; readonly output: NodeJS.WriteStream }
  | { readonly renderer: "silent" };

export interface RunOptions {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly display: Display;
  /** Told every event in order. */
  readonly onEvent?: ((event: BackupEvent) => void) | undefined;
}

/** One execution of a plan: what its steps share, and what they have said so far. */
export interface Run extends RunOptions {
  record(event: EventBody): void;
  readonly outcomes: readonly CollectionOutcome[];
  /** Of further targets. */
  readonly targets: readonly TargetOutcome[];
  readonly checks: readonly CheckOutcome[];
  /** By target, in their order. */
  readonly prunes: readonly PruneOutcome[];
  /** Of a gc, once it was decided. */
  garbage(): GarbageOutcome | undefined;
  /** How each step ended, by its id; a step that is not there did not begin. */
  readonly steps: ReadonlyMap<string, StepStatus>;
  /** How long each of these took, in milliseconds. */
  readonly took: ReadonlyMap<string, number>;
  readonly failures: readonly (EventError & { readonly step: string })[];
  /** How each hook ended, in their order. */
  readonly hooks: readonly FinishedHook[];
}

export function createRun(options: RunOptions): Run {
  const outcomes: CollectionOutcome[] = [];
  const targets: TargetOutcome[] = [];
  const checks: CheckOutcome[] = [];
  const prunes: (PruneOutcome & { readonly deleted: string[] })[] = [];
  const steps = new Map<string, StepStatus>();
  const took = new Map<string, number>();
  const failures: (EventError & { readonly step: string })[] = [];
  const hooks: FinishedHook[] = [];
  let garbage: GarbageOutcome | undefined;
  const note = (event: BackupEvent): void => {
    if (event.type === "collection.finished") outcomes.push(withoutStamp(event));
    if (event.type === "target.finished") targets.push(withoutStamp(event));
    if (event.type === "check.finished") checks.push(withoutStamp(event));
    if (event.type === "prune.decided") prunes.push({ ...withoutStamp(event), deleted: [] });
    if (event.type === "backup.deleted") prunes.at(-1)?.deleted.push(event.backup); // one target after the other
    garbage = noteGarbage(garbage, event);
    if (event.type === "hook.finished") hooks.push(withoutStamp(event));
    if (event.type !== "step.finished") return;
    steps.set(event.step, event.status);
    took.set(event.step, event.ms);
    if (event.error !== undefined) failures.push({ step: event.step, ...event.error });
  };
  return {
    ...options,
    outcomes,
    targets,
    checks,
    prunes,
    garbage: () => garbage,
    steps,
    took,
    failures,
    hooks,
    record: (body) => {
      const event = { at: options.now().toISOString(), runId: options.runId, ...body } as BackupEvent; // a body and its stamp are an event
      note(event);
      options.onEvent?.(event);
    },
  };
}

function noteGarbage(garbage: GarbageOutcome | undefined, event: BackupEvent): GarbageOutcome | undefined {
  if (event.type === "garbage.decided") return { ...withoutStamp(event), deleted: { objects: 0, bytes: 0 } };
  if (event.type !== "garbage.deleted" || garbage === undefined) return garbage;
  const { objects, bytes } = garbage.deleted;
  return { ...garbage, deleted: { objects: objects + event.objects, bytes: bytes + event.bytes } };
}

function withoutStamp<E extends BackupEvent>(event: E): Omit<E, "at" | "runId" | "type"> {
  const { at: _at, runId: _runId, type: _type, ...body } = event;
  return body;
}
