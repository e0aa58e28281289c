import { setMaxListeners } from "node:events";
import { Listr, ListrLogger, ProcessOutput } from "listr2";
import type { ListrTask } from "listr2";
import type { StepStatus } from "../core/events.ts";
import { stagesOf } from "../core/plan.ts";
import type { Plan, Step, StepKind, StepOf } from "../core/plan.ts";
import { systemClock } from "../io/clock.ts";
import { createProgress } from "./progress.ts";
import type { Progress } from "./progress.ts";
import { toEventError } from "../core/event-error.ts";
import type { Display, Run } from "./run.ts";

/** Carries out one step; throws when it could not. Gives back what the line of the step says at the end. */
export type StepRunner<K extends StepKind> = (step: StepOf<K>, progress: Progress) => Promise<string>;

export type StepRunners<K extends StepKind> = { readonly [Kind in K]: StepRunner<Kind> };

export interface StepsOptions<K extends StepKind> {
  readonly runners: StepRunners<K>;
  /** Steps of one stage at once. */
  readonly concurrency: number;
}

/** When one of these fails, nothing after it makes sense, but for what asks the targets themselves what there is. */
const ESSENTIAL: ReadonlySet<StepKind> = new Set(["begin-backup", "commit-backup", "create-database"]);

/** Of a backup that was not committed retention still takes older failed ones; when it was not even begun, the target may be away. */
const WITHOUT: Partial<Record<StepKind, ReadonlySet<StepKind>>> = { "commit-backup": new Set(["prune"]) };

/** Each check reads as fast as it can, prunes are told apart by their order, and copies to one target share a lease there. */
const ONE_BY_ONE: ReadonlySet<StepKind> = new Set(["catch-up", "check", "prune"]);

/**
 * Carries out a plan as a listr2 task graph: a stage after the other, the steps of a stage side by side. It resolves
 * also when steps failed: whether that matters is read from run.failures and run.outcomes, never from listr2.
 */
export async function runSteps<K extends StepKind>(plan: Plan, run: Run, options: StepsOptions<K>): Promise<void> {
  setMaxListeners(0, run.signal);
  const essential = plan.steps.filter(({ kind }) => ESSENTIAL.has(kind));
  const skip = (kind: StepKind): string | false => {
    if (run.signal.aborted) return "the run was stopped";
    const needed = new Set(essential.flatMap((step) => (WITHOUT[step.kind]?.has(kind) ? [] : [step.id])));
    return run.failures.some(({ step }) => needed.has(step)) && "an earlier step failed";
  };
  const tasks = stagesOf(plan.steps).map((stage) => stageTask(stage, { run, skip, ...options }));
  await new Listr(tasks, { exitOnError: false, registerSignalListeners: false, ...rendering(run.display) }).run();
}

interface Steps<K extends StepKind> extends StepsOptions<K> {
  readonly run: Run;
  readonly skip: (kind: StepKind) => string | false;
}

function stageTask<K extends StepKind>(stage: readonly [Step, ...Step[]], steps: Steps<K>): ListrTask {
  const { concurrency } = steps;
  const [first] = stage;
  const skip = (): string | false => steps.skip(first.kind);
  if (stage.length === 1) return { ...stepTask(first, steps), skip };
  return {
    title: `${STAGE_TITLES[first.kind]} (${stage.length})`,
    skip,
    task: (_, parent) =>
      parent.newListr(
        stage.map((step) => ({ ...stepTask(step, steps), skip })),
        { concurrent: ONE_BY_ONE.has(first.kind) ? 1 : concurrency, exitOnError: false },
      ),
  };
}

function stepTask<K extends StepKind>(step: Step, { run, runners }: Steps<K>): ListrTask {
  return {
    title: step.id,
    task: async (_, task) => {
      const startedAt = systemClock.now();
      const finish = (status: StepStatus, error?: unknown): void => {
        const because = error === undefined ? {} : { error: toEventError(error) };
        const ms = systemClock.now() - startedAt;
        run.record({ type: "step.finished", step: step.id, status, ms, ...because });
      };
      run.record({ type: "step.started", step: step.id, kind: step.kind });
      try {
        const progress = createProgress(run, step.id, (line) => (task.output = line));
        task.title = `${step.id}: ${await runnerOf(step, runners)(progress)}`;
        finish("done");
      } catch (error) {
        finish("failed", error);
        if (isBug(error)) run.record({ type: "notice", message: String(error.stack) });
        throw error;
      }
    },
  };
}

/** What an operator cannot mend is worth a report, which needs its stack. */
function isBug(error: unknown): error is Error {
  return error instanceof Error && toEventError(error).code === "bug";
}

/** A plan only has steps of the kinds that its runners cover; that is checked here rather than by the compiler. */
function runnerOf<K extends StepKind>(step: Step, runners: StepRunners<K>): (progress: Progress) => Promise<string> {
  const runner = (runners as Partial<Record<StepKind, StepRunner<never>>>)[step.kind];
  if (runner === undefined) throw new TypeError(`Cannot run step ${step.id}: nothing carries out ${step.kind}`);
  return (progress) => runner(step as never, progress);
}

const STAGE_TITLES: Readonly<Record<StepKind, string>> = {
  "begin-backup": "Begin",
  "back-up-collection": "Back up collections",
  "commit-backup": "Commit",
  "catch-up": "Copy what further targets missed",
  "copy-backup": "Copy to further targets",
  "create-database": "Create databases",
  "restore-collection": "Restore collections",
  check: "Check",
  prune: "Prune",
  "collect-garbage": "Collect garbage",
  "delete-backup": "Delete",
};

/** Everything is drawn on the display's stream: stdout carries results only. */
function rendering(display: Display) {
  if (display.renderer === "silent") return { renderer: display.renderer };
  const { renderer, output } = display;
  const logger = new ListrLogger({ processOutput: new ProcessOutput(output, output) });
  return {
    renderer,
    fallbackRenderer: "simple" as const,
    rendererOptions: { logger, collapseSubtasks: false, persistentOutput: false },
    fallbackRendererOptions: { logger },
    forceTTY: output.isTTY,
  };
}
