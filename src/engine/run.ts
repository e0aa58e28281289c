import { isBackupError, messageOf } from "../core/errors.ts";
import type { BackupEvent, CollectionOutcome, EventBody, EventError } from "../core/events.ts";

/** Where listr2 draws, and how: lines that move, lines that stay, or nothing. */
export interface Display {
  readonly renderer: "default" | "simple" | "silent";
  readonly output: NodeJS.WriteStream;
}

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
  /** What the steps threw, with the step's id. */
  readonly failures: readonly StepFailure[];
  fail(failure: StepFailure): void;
}

export interface StepFailure {
  readonly step: string;
  readonly error: unknown;
  /** Nothing after this step makes sense without it. */
  readonly isEssential: boolean;
}

export function createRun(options: RunOptions): Run {
  const outcomes: CollectionOutcome[] = [];
  const failures: StepFailure[] = [];
  return {
    ...options,
    outcomes,
    failures,
    fail: (failure) => failures.push(failure),
    record: (body) => {
      const event = { at: options.now().toISOString(), runId: options.runId, ...body } as BackupEvent; // a body and its stamp are an event
      if (event.type === "collection.finished") outcomes.push(event);
      options.onEvent?.(event);
    },
  };
}

/** An error as events and reports carry it. */
export function toEventError(error: unknown): EventError {
  if (!isBackupError(error)) return { code: "bug", message: messageOf(error) };
  return { code: error.code, message: messageOf(error), hint: error.hint };
}
