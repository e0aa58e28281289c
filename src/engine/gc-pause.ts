import { isBackupError, messageOf } from "../core/errors.ts";
import type { BackupError } from "../core/errors.ts";
import { gcModeOf, gcPauseRefused, planGcPause, warnOfGcPause } from "../core/gc-pause.ts";
import type { GcPauseOutcome, GcWish, PlannedGcPause } from "../core/gc-pause.ts";
import { isStopCode } from "../core/hook-failure.ts";
import type { RunReport } from "../core/report.ts";
import type { MilvusCall } from "../milvus/types.ts";
import { holdGcPause } from "./hold-gc-pause.ts";
import type { HeldGcPause, PausingJob } from "./hold-gc-pause.ts";
import type { OpenSource } from "./places.ts";

/** The pause of Milvus's garbage collection that a run is in. */
export interface GcPause {
  /** What became of it so far; undefined where none was wanted. */
  outcome(): GcPauseOutcome | undefined;
  /** What was to be copied is copied. */
  release(): Promise<void>;
}

/** Of runs that want none. */
export const NO_GC_PAUSE: GcPause = { outcome: () => undefined, release: async () => {} };

/** What a pause needs of a job. */
export type GcPauseJob = PausingJob & { readonly source: Pick<OpenSource, "management"> };

const ASK_PATIENCE_MS = 30_000;

/** Whether the source can be paused as it is wished: asks, and changes nothing. Refused where it must be and cannot. */
export async function lookAtGcPause(
  source: OpenSource,
  wish: GcWish,
  call: MilvusCall,
): Promise<PlannedGcPause | undefined> {
  const mode = gcModeOf(wish);
  return mode && planGcPause(mode, await findObstacle(source, call));
}

interface Obstacle {
  readonly reason: string;
  readonly hint?: string | undefined;
}

async function findObstacle({ name, milvus, management }: OpenSource, call: MilvusCall): Promise<Obstacle | undefined> {
  if (management === undefined) {
    return {
      reason: `the source ${name} has no management`,
      hint: "set it to Milvus's metrics port: http://host:9091",
    };
  }
  const { version, capabilities, clock } = milvus;
  if (!capabilities.gcPause) return { reason: `Milvus ${version.text} cannot pause it; 2.3.6 and later can` };
  try {
    await management.checkGcPause({ ...call, deadline: clock.now() + ASK_PATIENCE_MS });
    return undefined;
  } catch (error) {
    call.signal?.throwIfAborted();
    if (!isObstacle(error)) throw error;
    return { reason: messageOf(error), hint: error.hint };
  }
}

function isObstacle(error: unknown): error is BackupError {
  return isBackupError(error) && !isStopCode(error.code);
}

/**
 * Does the work while the garbage collection is paused as it was planned. Whatever happens to the work, the pause is
 * ended; what became of it is in the report.
 */
export async function withGcPause(
  job: GcPauseJob,
  planned: PlannedGcPause | undefined,
  work: (pause: GcPause) => Promise<RunReport>,
): Promise<RunReport> {
  if (planned === undefined) return await work(NO_GC_PAUSE);
  const pause = await begin(job, planned);
  const [ended] = await Promise.allSettled([work(pause)]);
  await pause.release();
  if (ended.status === "rejected") throw ended.reason;
  return addGcPause(ended.value, pause.outcome());
}

async function begin(job: GcPauseJob, planned: PlannedGcPause): Promise<GcPause> {
  const { mode } = planned;
  const { management } = job.source;
  if (!planned.pauses || management === undefined) return notPaused(job, { mode, reason: planned.why });
  try {
    const held: HeldGcPause = await holdGcPause(job, management);
    return { outcome: () => ({ mode, ...held.outcome() }), release: held.release };
  } catch (error) {
    job.run.signal.throwIfAborted();
    if (!isObstacle(error)) throw error;
    const reason = messageOf(error);
    if (mode === "require") throw gcPauseRefused({ reason, hint: error.hint, cause: error });
    return notPaused(job, { mode, reason });
  }
}

function notPaused({ run }: GcPauseJob, { mode, reason }: Pick<GcPauseOutcome, "mode" | "reason">): GcPause {
  run.record({ type: "gc.changed", state: "not-paused", reason });
  return { outcome: () => ({ mode, state: "not-paused", reason }), release: async () => {} };
}

function addGcPause(report: RunReport, gc: GcPauseOutcome | undefined): RunReport {
  if (gc === undefined) return report;
  return { ...report, gc, warnings: [...report.warnings, ...warnOfGcPause(gc)] };
}
