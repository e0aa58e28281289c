import type { CatchUpStep } from "../../core/plan.ts";
import { copyBackup } from "../copy-backup.ts";
import type { CopyJob } from "../copy-backup.ts";
import { stayingOpen } from "../places.ts";
import type { ClosedTarget, OpenTarget } from "../places.ts";
import type { StepRunner } from "../run-steps.ts";
import { describeCopied, openByName } from "./copy-backup.ts";

interface CatchUpJob extends CopyJob {
  /** The target that this run writes. */
  readonly target: OpenTarget;
}

/** Copies an earlier backup to a target that missed it; a failure is the step's alone. */
export function catchUp(job: CatchUpJob, further: readonly ClosedTarget[]): StepRunner<CatchUpStep["kind"]> {
  const targets = [stayingOpen(job.target), ...further];
  return async ({ backup, ...step }, progress) => {
    await using from = await openByName(targets, step.from);
    await using to = await openByName(targets, step.target);
    return describeCopied(await copyBackup({ backup, from, to }, job, progress));
  };
}
