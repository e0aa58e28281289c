import { removeGcPause, writeGcPause } from "../catalog/gc-pauses.ts";
import { messageOf } from "../core/errors.ts";
import type { GcChange } from "../core/events.ts";
import type { GcPauseOutcome } from "../core/gc-pause.ts";
import type { Clock } from "../io/clock.ts";
import { isMilvusError } from "../milvus/errors.ts";
import { identifyProcess } from "../io/process-identity.ts";
import type { Management } from "../milvus/management.ts";
import type { MilvusSession } from "../milvus/session.ts";
import type { MilvusCall } from "../milvus/types.ts";
import { endDeadPauses, endPauses, findLivePause } from "./other-gc-pauses.ts";
import type { Job } from "./places.ts";

/** Whoever is killed leaves a pause that ends by itself after so long; a run renews it three times as often. */
const PAUSE_MS = 15 * 60_000;
const RENEW_MS = 5 * 60_000;
/** After a renewal that failed. */
const RETRY_MS = 60_000;
/** So long the run waits for a pause to begin, and for one to end. */
const PATIENCE_MS = 60_000;
const RELEASE_PATIENCE_MS = 15_000;

export interface HeldGcPause {
  outcome(): Omit<GcPauseOutcome, "mode">;
  /** Ends it, once however often it is asked to; never throws: what cannot be ended ends by itself. */
  release(): Promise<void>;
}

export type PausingJob = Pick<Job, "run"> & {
  readonly source: { readonly milvus: Pick<MilvusSession, "clock"> };
  readonly target: Pick<Job["target"], "storage">;
};

interface Pause extends PausingJob {
  readonly management: Management;
  readonly clock: Clock;
  readonly pausedAt: number;
  /** Of every pause that may hold; null from a server that gives none. */
  tickets: (string | null)[];
  /** When the newest of them ends by itself. */
  until: number;
  /** The same by the machine's clock, which goes on while the machine itself was asleep. */
  untilByMachine: number;
  lapse?: { readonly since: number; readonly reason: string };
  /** Why it was not renewed when it was last tried. */
  trouble?: string | undefined;
  releasedAt?: number;
}

/**
 * Pauses the garbage collection of the source, and renews that until it is released. Throws when it cannot be had. A
 * record in the target says so, by which a later run ends it should this one be killed.
 */
export async function holdGcPause(job: PausingJob, management: Management): Promise<HeldGcPause> {
  const { clock } = job.source.milvus;
  const { signal } = job.run;
  const pausedAt = clock.now();
  const others = { storage: job.target.storage, management, runId: job.run.runId, now: pausedAt };
  for (const message of await endDeadPauses(others, { signal, deadline: pausedAt + PATIENCE_MS })) {
    job.run.record({ type: "notice", message });
  }
  const pause: Pause = {
    ...job,
    management,
    clock,
    pausedAt,
    tickets: [],
    until: pausedAt,
    untilByMachine: job.run.now().getTime(),
  };
  try {
    await extend(pause, signal);
    await record(pause, { signal });
  } catch (error) {
    const isUnanswered = signal.aborted || isMilvusError(error, "timeout");
    if (isUnanswered && pause.tickets.length === 0)
      Object.assign(pause, { tickets: [null], until: pausedAt + PAUSE_MS }); // it may have been heard
    if (pause.tickets.length > 0) await release(pause);
    throw error;
  }
  tell(pause, { state: "paused", until: toTime(pause.until) });
  const stop = new AbortController();
  const kept = keep(pause, stop.signal);
  let released: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    stop.abort();
    await kept;
    noteLapse(pause);
    await release(pause);
  };
  return { outcome: () => outcomeOf(pause), release: () => (released ??= end()) };
}

/** Asks for a pause from now on; on a server with tickets the one before it is ended, since it takes only so many. */
async function extend(pause: Pause, signal: AbortSignal): Promise<void> {
  const { management, clock } = pause;
  const askedAt = clock.now();
  const askedByMachine = pause.run.now().getTime();
  const call = { signal, deadline: askedAt + PATIENCE_MS };
  const ticket = (await management.pauseGc(PAUSE_MS / 1000, call)) ?? null;
  noteLapse(pause);
  const earlier = pause.tickets.filter((one) => one !== null);
  pause.tickets = [ticket, ...earlier];
  pause.until = askedAt + PAUSE_MS;
  pause.untilByMachine = askedByMachine + PAUSE_MS;
  for (const old of earlier) {
    await management.resumeGc(old, call);
    pause.tickets = pause.tickets.filter((one) => one !== old);
  }
}

/** Until the signal: renews the pause in time, and says in the target that the run is there. */
async function keep(pause: Pause, signal: AbortSignal): Promise<void> {
  const { clock, run } = pause;
  while (await sleepUnless(clock, pause.trouble === undefined ? RENEW_MS : RETRY_MS, signal)) {
    const wasOver = isOver(pause);
    try {
      await extend(pause, signal);
      pause.trouble = undefined;
      if (wasOver) tell(pause, { state: "paused", until: toTime(pause.until) });
    } catch (error) {
      if (signal.aborted) return;
      pause.trouble = messageOf(error);
      const message = `The pause of garbage collection could not be renewed, and holds until ${toTime(pause.until)}: ${pause.trouble}`;
      run.record({ type: "notice", message });
      noteLapse(pause);
    }
    await recordIfPossible(pause);
  }
}

/** False when the signal ended it. */
async function sleepUnless(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** A clock that was set on ends it as well: nobody then knows how long it was. */
function isOver({ clock, run, until, untilByMachine }: Pause): boolean {
  return clock.now() > until || run.now().getTime() > untilByMachine;
}

/** Once: a later renewal brings the pause back, but not the files that went meanwhile. */
function noteLapse(pause: Pause): void {
  const { tickets, until, lapse, releasedAt, trouble = "this process did not run for long" } = pause;
  const isHeld = tickets.length > 0 && releasedAt === undefined;
  if (!isHeld || lapse !== undefined || !isOver(pause)) return;
  pause.lapse = { since: until, reason: trouble };
  tell(pause, { state: "lapsed", reason: trouble });
}

async function release(pause: Pause): Promise<void> {
  const { run, target, clock, management, tickets } = pause;
  const call: MilvusCall = { deadline: clock.now() + RELEASE_PATIENCE_MS };
  const others = { storage: target.storage, management, runId: run.runId, now: clock.now() };
  try {
    const shared = tickets.includes(null) ? await findLivePause(others, {}) : undefined;
    await endPauses(management, tickets, { isShared: shared !== undefined, call });
    pause.releasedAt = clock.now();
    const reason = shared && `but for the run ${shared.runId}, which needs it still`;
    tell(pause, { state: "released", reason });
    await removeGcPause(target.storage, run.runId);
  } catch (error) {
    const message = messageOf(error);
    if (pause.releasedAt === undefined) tell(pause, { state: "left", until: toTime(pause.until), reason: message });
    else run.record({ type: "notice", message: `The record of the pause is left in the target: ${message}` });
    await recordIfPossible(pause, { left: true });
  }
}

interface RecordOptions {
  readonly signal?: AbortSignal;
  readonly left?: true;
}

async function record(pause: Pause, { signal, left }: RecordOptions): Promise<void> {
  const { run, target, management, clock, tickets, until } = pause;
  const content = {
    formatVersion: 1,
    runId: run.runId,
    management: management.url,
    tickets,
    until: toTime(until),
    aliveAt: toTime(clock.now()),
    process: await identifyProcess(),
    ...(left && { left }),
  } as const;
  await writeGcPause(target.storage, content, { signal });
}

/** The pause is what matters: without a record nobody can end it before it ends by itself. */
async function recordIfPossible(pause: Pause, options: RecordOptions = {}): Promise<void> {
  try {
    await record(pause, options);
  } catch (error) {
    const message = `The record of the pause of garbage collection could not be written: ${messageOf(error)}`;
    pause.run.record({ type: "notice", message });
  }
}

function outcomeOf(pause: Pause): Omit<GcPauseOutcome, "mode"> {
  noteLapse(pause);
  const { pausedAt, lapse, releasedAt, until } = pause;
  return {
    state: lapse === undefined ? "held" : "lapsed",
    pausedAt: toTime(pausedAt),
    ...(lapse && { lapsedAt: toTime(lapse.since), reason: lapse.reason }),
    ...(releasedAt === undefined ? { until: toTime(until) } : { releasedAt: toTime(releasedAt) }),
  };
}

function tell({ run }: Pause, { state, until, reason }: GcChange): void {
  run.record({ type: "gc.changed", state, ...(until && { until }), ...(reason && { reason }) });
}

function toTime(ms: number): string {
  return new Date(ms).toISOString();
}
