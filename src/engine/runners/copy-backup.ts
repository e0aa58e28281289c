import { toEventError } from "../../core/event-error.ts";
import type { CopyBackupStep } from "../../core/plan.ts";
import { formatBytes, formatPlural } from "../../core/quantities.ts";
import { copyBackup } from "../copy-backup.ts";
import type { CopiedBackup, CopyJob } from "../copy-backup.ts";
import type { ClosedTarget, OpenTarget } from "../places.ts";
import type { StepRunner } from "../run-steps.ts";

interface Copies {
  readonly backup: string;
  readonly targets: readonly ClosedTarget[];
}

/** A transfer out of the target that has the backup. */
interface CopyFromJob extends CopyJob {
  readonly target: OpenTarget;
}

/** Copies the backup to another target, and tells what became of it there. */
export function copyToTarget(job: CopyFromJob, { backup, targets }: Copies): StepRunner<CopyBackupStep["kind"]> {
  const { run } = job;
  return async ({ target: name }, progress) => {
    try {
      await using to = await openByName(targets, name);
      const copied = await copyBackup({ backup, from: job.target, to }, job, progress);
      const { kept: _, ...outcome } = copied;
      run.record({ type: "target.finished", name, ...outcome });
      return describeCopied(copied);
    } catch (error) {
      const state = run.signal.aborted ? "interrupted" : "failed";
      run.record({ type: "target.finished", name, state, objects: 0, bytes: 0, error: toEventError(error) });
      throw error;
    }
  };
}

/** What the line of such a step says at the end. */
export function describeCopied({ objects, bytes, kept }: CopiedBackup): string {
  const wasThere = kept === 0 ? "" : `, ${formatPlural(kept, "object")} of them there already`;
  return `${formatPlural(objects, "object")}, ${formatBytes(bytes)}${wasThere}`;
}

export function openByName(targets: readonly ClosedTarget[], name: string): ReturnType<ClosedTarget["open"]> {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new TypeError(`Cannot copy to ${name}: it is no further target of this run`);
  return target.open();
}
