import { readCandidates, writeCandidates } from "../catalog/garbage-candidates.ts";
import type { ExclusiveLock } from "../catalog/exclusive-lock.ts";
import { readStoreTime } from "../catalog/read-locks.ts";
import { decideGarbage, planGc, summarizeGarbage, toCandidates } from "../core/gc-plan.ts";
import type { GarbageDecision, GarbageSummary } from "../core/gc-plan.ts";
import type { RunReport } from "../core/report.ts";
import { lookForGarbage } from "./gc-look.ts";
import type { GcSource } from "./gc-temporary.ts";
import { holdRunLock } from "./hold-run-lock.ts";
import type { OpenTarget } from "./places.ts";
import { digestPlan } from "./plan-digest.ts";
import { reportRun } from "./report-run.ts";
import { runSteps } from "./run-steps.ts";
import { collectGarbage } from "./runners/collect-garbage.ts";
import { deleteRecorded } from "./runners/delete-backup.ts";
import type { Run } from "./run.ts";
import { withRoom } from "./with-room.ts";

export interface GcRequest {
  readonly target: OpenTarget;
  /** Where restores may have left temporary copies. */
  readonly sources: readonly GcSource[];
  readonly minAgeMs: number;
}

/** What there is now and what would go; changes nothing. Times are told by the caller's clock. */
export async function previewGc(
  { target, sources, minAgeMs }: GcRequest,
  { signal, now }: Pick<Run, "signal" | "now">,
): Promise<GarbageSummary> {
  const { storage, name } = target;
  const at = now();
  const look = await lookForGarbage(storage, { sources, now: at, signal });
  const candidates = await readCandidates(storage, { signal });
  return summarizeGarbage(name, look, decideGarbage(look.garbage, candidates, { nowMs: at.getTime(), minAgeMs }));
}

/**
 * A pass of garbage collection in one target, under its lock: finishes deletions that were begun, deletes what an earlier
 * pass found as well and is nobody's still, and notes the rest for a later pass.
 */
export async function runGc({ target: opened, sources, minAgeMs }: GcRequest, run: Run): Promise<RunReport> {
  const startedAt = run.now();
  const { signal } = run;
  await using target = withRoom(run, opened);
  const { storage } = target;
  await using lock = await holdRunLock(run, storage, { kind: "gc" });
  const nowMs = await readStoreTime(storage, run.runId, { signal });
  const now = Number.isNaN(nowMs) ? run.now() : new Date(nowMs);
  const look = await lookForGarbage(storage, { sources, now, signal });
  const decision = decideGarbage(look.garbage, await readCandidates(storage, { signal }), { nowMs, minAgeMs });
  await lock.guard();
  await writeCandidates(storage, toCandidates(decision), { signal });
  const summary = summarizeGarbage(target.name, look, decision);
  return await carryOut({ run, target, lock, sources, startedAt }, { decision, summary });
}

interface GcWork {
  readonly run: Run;
  readonly target: OpenTarget;
  readonly lock: ExclusiveLock;
  readonly sources: readonly GcSource[];
  readonly startedAt: Date;
}

interface Decided {
  readonly decision: GarbageDecision;
  readonly summary: GarbageSummary;
}

async function carryOut(
  { run, target, lock, sources, startedAt }: GcWork,
  { decision, summary }: Decided,
): Promise<RunReport> {
  const plan = planGc(summary);
  const planDigest = digestPlan(plan);
  run.record({ type: "plan.made", plan });
  run.record({ type: "garbage.decided", ...summary });
  await runSteps(plan, run, {
    concurrency: 1,
    runners: {
      "delete-backup": ({ backup, why }, progress) =>
        deleteRecorded({ run, target, progress, lock }, { backup, why, planDigest }),
      "collect-garbage": collectGarbage({ run, target, lock, sources }, { due: decision.due, planDigest }),
    },
  });
  return reportRun(plan, run, { startedAt });
}
