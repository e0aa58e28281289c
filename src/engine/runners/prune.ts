import type { ExclusiveLock } from "../../catalog/exclusive-lock.ts";
import { isBackupError } from "../../core/errors.ts";
import type { Plan, PruneStep } from "../../core/plan.ts";
import { doomedOf, onlyUnfinished, refuseTooMany } from "../../core/prune-plan.ts";
import { formatPlural } from "../../core/quantities.ts";
import { createCatalogs } from "../catalogs.ts";
import { decidePrune } from "../decide-prune.ts";
import type { DecidedPrune, PruneGroup } from "../decide-prune.ts";
import { holdRunLock } from "../hold-run-lock.ts";
import type { OpenTarget } from "../places.ts";
import { digestPlan } from "../plan-digest.ts";
import type { Progress } from "../progress.ts";
import { whyNot } from "../prune.ts";
import type { StepRunner } from "../run-steps.ts";
import type { Run } from "../run.ts";
import { withRoom } from "../with-room.ts";
import { deleteRecorded } from "./delete-backup.ts";

export interface PruneWork {
  readonly plan: Plan;
  readonly groups: readonly PruneGroup[];
}

/**
 * Prunes one target behind a backup. What the target itself says of the backup decides: where it is not complete, or a
 * check failed, only what never became a backup goes. A target that is locked is left for the next run.
 */
export function pruneTarget(run: Run, { plan, groups }: PruneWork): StepRunner<PruneStep["kind"]> {
  const catalogs = createCatalogs(run); // asked when the first of these steps begins: behind the backup and its copies
  return async ({ target: name }, progress) => {
    const group = groups.find(({ target }) => target.name === name);
    if (group === undefined) throw new TypeError(`Cannot prune ${name}: the run knows no retention of it`);
    const decided = decideFor(plan, run, await decidePrune(group, { ...run, catalogs }));
    if (decided === undefined) return "left out: this run did not bring the backup there";
    const { backups, ...decision } = decided;
    run.record({ type: "prune.decided", ...decision });
    refuseTooMany(decision);
    if (doomedOf(decision).length === 0) return `${formatPlural(backups.length, "backup")} kept`;
    catalogs.forget(name);
    return await deleteDoomed({ run, plan, progress }, { group, decided });
  };
}

/** Undefined where the backup of this run is not. */
function decideFor(plan: Plan, run: Run, decided: DecidedPrune): DecidedPrune | undefined {
  const own = decided.backups.find(({ name }) => name === plan.backup);
  if (own === undefined) return undefined;
  const isProven = own.state === "complete" && own.damaged === undefined && !hasFailedCheck(plan, run);
  return isProven ? decided : { ...decided, ...onlyUnfinished(decided, worthKeeping(decided)) };
}

interface Deleting {
  readonly run: Run;
  readonly plan: Plan;
  readonly progress: Progress;
}

async function deleteDoomed(
  { run, plan, progress }: Deleting,
  { group, decided }: { readonly group: PruneGroup; readonly decided: DecidedPrune },
): Promise<string> {
  await using opened = await group.target.open();
  await using target = withRoom(run, opened);
  await using held = await lockOrSay(run, target);
  const { lock } = held;
  if (lock === undefined) return "left out: the target is locked";
  const facts = { policy: group.policy, planDigest: digestPlan(plan) };
  for (const { name: backup, reasons } of doomedOf(decided)) {
    run.signal.throwIfAborted();
    const lookAgain = (): Promise<string | undefined> => whyNot(run, { target, decided, backup });
    await deleteRecorded({ run, target, progress, lock }, { ...facts, backup, why: reasons.join(", "), lookAgain });
  }
  const gone = run.prunes.at(-1)?.deleted.length ?? 0;
  return `${gone} of ${formatPlural(decided.backups.length, "backup")} deleted`;
}

/** Of an earlier backup that could not be healed retention knows by itself that it is damaged. */
function hasFailedCheck({ steps }: Plan, run: Run): boolean {
  return steps.some((step) => step.kind === "check" && !step.repair && run.steps.get(step.id) !== "done");
}

function worthKeeping({ backups }: DecidedPrune): ReadonlySet<string> {
  const others = backups.filter(({ state }) => state !== "failed" && state !== "interrupted");
  return new Set(others.map(({ name }) => name));
}

interface Held extends AsyncDisposable {
  /** Undefined while somebody else is there. */
  readonly lock: ExclusiveLock | undefined;
}

async function lockOrSay(run: Run, target: OpenTarget): Promise<Held> {
  try {
    const lock = await holdRunLock(run, target.storage, { kind: "prune" });
    return { lock, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() };
  } catch (error) {
    if (!isBackupError(error) || error.code !== "locked") throw error;
    run.record({ type: "notice", message: `Nothing is pruned in ${target.name}: ${error.message}` });
    return { lock: undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
}
