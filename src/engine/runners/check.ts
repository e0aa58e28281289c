import { recordCheck } from "../../catalog/checks.ts";
import { formatDamage, formatOutcome, standingDamage } from "../../core/check-outcome.ts";
import type { CheckOutcome } from "../../core/check-outcome.ts";
import { BackupError } from "../../core/errors.ts";
import type { CheckStep } from "../../core/plan.ts";
import { formatCount } from "../../core/quantities.ts";
import { openByName } from "../check-job.ts";
import type { CheckJob } from "../check-job.ts";
import { isReadOnly } from "../../catalog/read-locks.ts";
import { holdReaderLease } from "../hold-run-lease.ts";
import type { OpenTarget } from "../places.ts";
import type { StepRunner } from "../run-steps.ts";
import { verifyBackup } from "../verify.ts";

/** Looks at a backup in one target, keeps there what was found, and fails when that is damage. */
export function runCheck(job: CheckJob): StepRunner<CheckStep["kind"]> {
  const { run, targets, leased } = job;
  return async (step, progress) => {
    if (isNowhere(job, step)) return "left out: this run did not bring the backup there";
    await using target = await openByName(targets, step.target);
    const what = { kind: "check", backup: step.backup, reading: READING[step.repair ? "healed" : "checked"] };
    const held = leased?.get(step.target);
    await using own = held === undefined ? await holdReaderLease(run, target, what) : undefined;
    const lease = held ?? own;
    const guard = lease && (() => lease.guard({ signal: run.signal }));
    const outcome = await verifyBackup(job, { step, target, guard }, progress);
    await record(job, target, outcome);
    run.record({ type: "check.finished", ...outcome });
    if (outcome.verdict === "damaged") throw damaged(outcome);
    return formatOutcome(outcome);
  };
}

/** What is said of a target that can only be read. */
const READING = { checked: "the backup is checked", healed: "nothing is healed there, and the backup is checked" };

/** Behind a backup: of the run's own, a target that it could not be copied to has failed already. */
function isNowhere({ run }: CheckJob, { target, repair }: CheckStep): boolean {
  if (repair) return false; // of an earlier backup
  const outcome = run.targets.find(({ name }) => name === target);
  return outcome !== undefined && outcome.state !== "complete" && outcome.state !== "partial";
}

async function record({ run }: CheckJob, target: OpenTarget, outcome: CheckOutcome): Promise<void> {
  const { runId, signal } = run;
  try {
    await recordCheck(target.storage, { runId, finishedAt: run.now().toISOString(), outcome }, { signal });
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    const message = `${target.name} cannot be written: the result of the check is not recorded`;
    run.record({ type: "notice", message });
  }
}

function damaged(outcome: CheckOutcome): BackupError {
  const { backup, target, damageFound } = outcome;
  const [first] = standingDamage(outcome);
  const more = damageFound > 1 ? `, and ${formatCount(damageFound - 1)} more` : "";
  const what = first === undefined ? "" : `: ${formatDamage(first)}${more}`;
  return new BackupError("damaged", `${backup} is damaged in ${target}${what}`, {
    hint: `milvus-backup verify ${backup} --repair heals what another target or the source still has`,
  });
}
