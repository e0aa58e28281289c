import type { CollectionOutcome, EventError, StepStatus, TargetOutcome, TargetState } from "./events.ts";
import type { CopyBackupStep, Plan } from "./plan.ts";
import { formatBytes, formatPlural } from "./quantities.ts";

export interface TargetsInput {
  readonly plan: Plan;
  readonly steps: ReadonlyMap<string, StepStatus>;
  readonly failures: readonly (EventError & { readonly step: string })[];
  /** Of further targets, as they have told. */
  readonly targets?: readonly TargetOutcome[] | undefined;
  readonly stoppedBy?: string | undefined;
}

/** What became of a backup in each of its targets: every one must be accounted for, the one that is written first. */
export function judgeTargets(input: TargetsInput, collections: readonly CollectionOutcome[]): readonly TargetOutcome[] {
  const { plan, targets = [], stoppedBy } = input;
  const written = judgeWritten(input, collections);
  const isBackup = written.state === "complete" || written.state === "partial";
  const message = isBackup
    ? "the run was stopped before it was copied"
    : `there is nothing to copy from ${plan.target}`;
  const unheard = { objects: 0, bytes: 0, error: { code: "failed", message } } as const;
  const state: TargetState = stoppedBy === undefined ? "failed" : "interrupted";
  const further = copySteps(plan).map(
    ({ target: name }) => targets.find((told) => told.name === name) ?? { name, state, ...unheard },
  );
  return [written, ...further];
}

/** Its commit decides: what comes after it happens elsewhere. */
function judgeWritten(
  { plan, steps, failures, stoppedBy }: TargetsInput,
  collections: readonly CollectionOutcome[],
): TargetOutcome {
  const name = plan.target;
  const own = plan.steps.filter(({ kind }) => kind === "begin-backup" || kind === "commit-backup");
  if (own.every(({ id }) => steps.get(id) === "done")) {
    const whole = collections.filter(({ state }) => state === "complete");
    const sum = (of: "objects" | "bytes"): number => whole.reduce((total, outcome) => total + outcome[of], 0);
    return {
      name,
      state: areWhole(collections) ? "complete" : "partial",
      objects: sum("objects"),
      bytes: sum("bytes"),
    };
  }
  const failure = failures.find(({ step }) => own.some(({ id }) => id === step));
  const error = failure && { code: failure.code, message: failure.message, hint: failure.hint };
  const state = stoppedBy === undefined ? "failed" : "interrupted";
  return { name, state, objects: 0, bytes: 0, ...(error && { error }) };
}

/** One that was dropped at the source is nobody's to miss. */
export function areWhole(collections: readonly CollectionOutcome[]): boolean {
  return collections.every(({ state }) => state === "complete" || state === "dropped");
}

/** "complete" where there is one target; "complete in nas and lab, failed in offsite" where there are several. */
export function formatStates(targets: readonly TargetOutcome[] | undefined): string | undefined {
  if (targets === undefined) return undefined;
  const states = [...new Set(targets.map(({ state }) => state))];
  if (targets.length === 1) return states.join("");
  return states.map((state) => `${state} in ${joinNames(targets, state)}`).join(", ");
}

/** A copy is what the backup is: of one that is partial, that is said. */
export function formatCopy({ backup, target }: Plan, [outcome]: readonly TargetOutcome[] = []): string {
  const { state = "failed", objects = 0, bytes = 0 } = outcome ?? {};
  const size = `${formatPlural(objects, "object")}, ${formatBytes(bytes)}`;
  if (state === "complete") return `${backup} is copied to ${target}: ${size}`;
  if (state === "partial") return `${backup}, which is partial, is copied to ${target}: ${size}`;
  return state === "interrupted"
    ? `The copy of ${backup} to ${target} was stopped`
    : `${backup} could not be copied to ${target}`;
}

function joinNames(targets: readonly TargetOutcome[], state: TargetState): string {
  return targets
    .filter((target) => target.state === state)
    .map(({ name }) => name)
    .join(" and ");
}

export function copySteps({ steps }: Plan): readonly CopyBackupStep[] {
  return steps.filter((step) => step.kind === "copy-backup");
}
