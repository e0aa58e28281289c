import type { Lease } from "../../catalog/lease.ts";
import type { CatchUpStep } from "../../core/plan.ts";
import { copyBackup } from "../copy-backup.ts";
import type { CopyJob } from "../copy-backup.ts";
import { holdReaderLease } from "../hold-run-lease.ts";
import { stayingOpen } from "../places.ts";
import type { ClosedTarget, OpenTarget } from "../places.ts";
import type { StepRunner } from "../run-steps.ts";
import { describeCopied, openByName } from "./copy-backup.ts";

interface CatchUpJob extends CopyJob {
  /** The target that this run writes. */
  readonly target: OpenTarget;
}

/** Copies an earlier backup to a target that missed it; a failure is the step's alone. */
export function catchUp(
  job: CatchUpJob,
  further: readonly ClosedTarget[],
  lease: Lease,
): StepRunner<CatchUpStep["kind"]> {
  const { run } = job;
  const own = job.target.name;
  const targets = [stayingOpen(job.target), ...further];
  const stayingHeld: Lease = { ...lease, [Symbol.asyncDispose]: async () => {} }; // the run goes on with it
  return async ({ backup, ...step }, progress) => {
    await using from = await openByName(targets, step.from);
    await using to = await openByName(targets, step.target);
    const what = { kind: "copy", backup, reading: "the backup is read" };
    await using _lease = step.from === own ? undefined : await holdReaderLease(run, from, what);
    const held = step.target === own ? { lease: stayingHeld } : {};
    return describeCopied(await copyBackup({ backup, from, to, ...held }, job, progress));
  };
}
