import { toEventError } from "../../core/event-error.ts";
import type { CopyBackupStep } from "../../core/plan.ts";
import { formatBytes, formatPlural } from "../../core/quantities.ts";
import { copyBackup } from "../copy-backup.ts";
import type { ClosedTarget, OpenTarget } from "../places.ts";
import type { TransferJob } from "../transfer-objects.ts";
import type { StepRunner } from "../run-steps.ts";

interface Copies {
  readonly backup: string;
  readonly targets: readonly ClosedTarget[];
}

/** A transfer out of the target that has the backup. */
interface CopyJob extends TransferJob {
  readonly target: OpenTarget;
}

/** Copies the backup to another target, and tells what became of it there. */
export function copyToTarget(job: CopyJob, { backup, targets }: Copies): StepRunner<CopyBackupStep["kind"]> {
  const { run } = job;
  return async ({ target: name }, progress) => {
    try {
      await using to = await openTarget(targets, name);
      const { kept, ...copied } = await copyBackup({ backup, from: job.target, to }, job, progress);
      run.record({ type: "target.finished", name, ...copied });
      const wasThere = kept === 0 ? "" : `, ${formatPlural(kept, "object")} of them there already`;
      return `${formatPlural(copied.objects, "object")}, ${formatBytes(copied.bytes)}${wasThere}`;
    } catch (error) {
      const state = run.signal.aborted ? "interrupted" : "failed";
      run.record({ type: "target.finished", name, state, objects: 0, bytes: 0, error: toEventError(error) });
      throw error;
    }
  };
}

function openTarget(targets: readonly ClosedTarget[], name: string): ReturnType<ClosedTarget["open"]> {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new TypeError(`Cannot copy to ${name}: it is no further target of this run`);
  return target.open();
}
