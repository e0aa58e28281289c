import { Buffer } from "node:buffer";
import { formatName } from "../../core/collection-name.ts";
import type { Consistency } from "../../core/contracts/policy.ts";
import type { HookOutcome } from "../../core/contracts/hook-plugin.ts";
import { isStorageError } from "../../core/contracts/storage.ts";
import type { StorageError } from "../../core/contracts/storage.ts";
import { BackupError, isBackupError } from "../../core/errors.ts";
import type { EventError } from "../../core/events.ts";
import type { BackUpCollectionStep } from "../../core/plan.ts";
import { formatBytes, formatPlural } from "../../core/quantities.ts";
import { encodeCollection } from "../../format/write-meta.ts";
import type { ManifestCollection } from "../../format/manifest.ts";
import { isMilvusError } from "../../milvus/errors.ts";
import { captureCollection } from "../capture-collection.ts";
import { cleanUpAfter } from "../clean-up.ts";
import { copyCollection } from "../copy-collection.ts";
import { withHooks } from "../hooks.ts";
import type { HookFrame } from "../hooks.ts";
import { refuseRenamed } from "../refuse-renamed.ts";
import { removePayload } from "../payload.ts";
import type { Job } from "../places.ts";
import type { Progress } from "../progress.ts";
import type { RunState } from "../run-state.ts";
import type { StepRunner } from "../run-steps.ts";
import { fromStored, toStored } from "../stored-capture.ts";
import type { Captured } from "../stored-capture.ts";
import { toEventError } from "../../core/event-error.ts";
import type { Spool } from "../spool.ts";

export interface BackupWork {
  readonly backup: string;
  /** What the Go tool calls the id of a backup: in the meta of every collection. */
  readonly backupId: string;
  readonly consistency: Consistency;
  readonly hooks: HookFrame;
  readonly spool: Spool;
  readonly state: RunState;
  /** Whether an earlier run left something of it. */
  readonly isResumed: boolean;
  /** What the manifest will say of each collection. */
  readonly entries: ManifestCollection[];
}

/** Takes one collection whole, or says why not. */
export function backUpCollection(job: Job, work: BackupWork): StepRunner<BackUpCollectionStep["kind"]> {
  return async (step, progress) => {
    try {
      const place = { scope: "collection", collection: step.collection, outcomeOf: outcomeOfCapture } as const;
      const capture = await withHooks(work.hooks, place, () => captureAndCopy(job, work, { step, progress }));
      await spoolMeta(work, capture);
      report(job, work, { entry: wholeEntry(step, capture, job.run.now()), notes: capture.notes });
      return `${formatPlural(capture.rows, "row")}, ${formatBytes(capture.bytes)}`;
    } catch (cause) {
      job.run.signal.throwIfAborted();
      const { error, state } = await judge(job, step, cause);
      const because = toEventError(error);
      const entry = { ...emptyEntry(step, job.run.now()), state, reason: because.message } as const;
      report(job, work, { entry, notes: [], error: because });
      if (state === "dropped") return "dropped at the source meanwhile";
      throw error;
    }
  };
}

/** What hooks are told of a collection that is copied. */
function outcomeOfCapture({ rows, bytes }: Captured): HookOutcome {
  const counts = { collections: 1, collectionsComplete: 1, rows, bytes };
  return {
    state: "complete",
    exitStatus: 0,
    summary: `${formatPlural(rows, "row")}, ${formatBytes(bytes)}`,
    ...counts,
  };
}

interface Judgement {
  readonly error: unknown;
  readonly state: "failed" | "missing" | "dropped";
}

/** What a failure means: only a collection that is gone under every name was dropped. */
async function judge({ source, run }: Job, step: BackUpCollectionStep, error: unknown): Promise<Judgement> {
  if (isBackupError(error) && error.code === "skipped") return { error: leftOut(error), state: "failed" };
  if (!isMilvusError(error, "collection-not-found", "database-not-found")) return { error, state: "failed" };
  try {
    await refuseRenamed(source, step, { signal: run.signal });
  } catch (renamed) {
    return { error: renamed, state: "failed" };
  }
  return { error, state: step.isNamed ? "missing" : "dropped" };
}

/** A hook may ask to leave a collection out, but a backup without it is not whole. */
function leftOut({ message }: BackupError): BackupError {
  return new BackupError("failed", message, {
    hint: "leave it out by the policy's select.exclude for a backup that is complete",
  });
}

interface Attempt {
  readonly step: BackUpCollectionStep;
  readonly progress: Progress;
}

/** Once anew when files went away under the copy, by compaction and garbage collection; an earlier run's does not count. */
const CAPTURES = 2;
const CAPTURE_DEADLINE_MS = 30 * 60_000;

/** What fails otherwise than by files that went away is left where it is: a resumption may need it, a commit removes it. */
async function captureAndCopy(job: Job, work: BackupWork, { step, progress }: Attempt): Promise<Captured> {
  const { run, target } = job;
  const { spool, state, isResumed } = work;
  const stored = isResumed ? await findStored(state, step) : undefined;
  let before: Captured | undefined;
  for (let attempt = stored === undefined ? 1 : 0; ; attempt += 1) {
    const captured = (attempt === 0 && stored) || (await captureAnew(job, work, step));
    const copy = { backup: work.backup, collectionId: captured.meta.collection_id, objects: captured.objects };
    try {
      const kept = await copyCollection(job, copy, { spool, progress, state, isResumed });
      return kept === 0 ? captured : { ...captured, notes: [...captured.notes, describeKept(kept, captured)] };
    } catch (error) {
      run.signal.throwIfAborted();
      if (!isStorageError(error, "missing")) throw error;
      if (attempt === CAPTURES) throw toLastFailure(step, { error, before });
      before = captured;
      const remove = (): Promise<void> => removePayload(target.storage, { ...copy, signal: run.signal });
      const failure = await cleanUpAfter(error, `what was copied of ${formatName(step.collection)}`, remove);
      if (failure !== error) throw failure;
      run.record({
        type: "notice",
        message: `${formatName(step.collection)} changed under the copy: it is captured anew`,
      });
    }
  }
}

interface GoneAgain {
  readonly error: StorageError;
  /** The capture before the one that failed. */
  readonly before: Captured | undefined;
}

/** A file that Milvus has named before and that is not there is one that it has lost, not one that a compaction replaced. */
function toLastFailure({ collection }: BackUpCollectionStep, { error, before }: GoneAgain): StorageError | BackupError {
  const { key = "", message: reason } = error;
  if (before?.objects.some(({ sourceKey }) => key.endsWith(sourceKey)) === true) return error;
  const message = `Cannot copy ${formatName(collection)}: its files went away, and so did those of a second capture, as compaction and garbage collection take them`;
  return new BackupError("failed", `${message}: ${reason}`, {
    cause: error,
    hint: "give the policy gc: require, so that Milvus keeps them, or run it when less is compacted",
  });
}

async function captureAnew(job: Job, work: BackupWork, step: BackUpCollectionStep): Promise<Captured> {
  const { run, source } = job;
  const { signal } = run;
  const ref = { database: step.collection.database, collection: step.collection.name };
  const deadline = source.milvus.clock.now() + CAPTURE_DEADLINE_MS;
  const { consistency } = work;
  const capture = await captureCollection(source, ref, { signal, deadline, consistency, partitions: step.partitions });
  const isAnother = capture.meta.collection_id.toString() !== step.collectionId;
  if (isAnother) await refuseRenamed(source, step, { signal });
  const captured = { ...capture, capturedAt: run.now().toISOString() };
  await work.state.storeCapture(toStored(captured, step.collection));
  return captured;
}

/** As an earlier run captured it; one that cannot be read is captured anew. */
async function findStored(state: RunState, { collectionId, collection }: BackUpCollectionStep) {
  if (collectionId === undefined) return undefined;
  try {
    const stored = await state.findCapture(collectionId);
    return stored && formatName(stored.collection) === formatName(collection) ? fromStored(stored) : undefined;
  } catch (error) {
    if (isBackupError(error) && error.code === "damaged") return undefined;
    throw error;
  }
}

function describeKept(kept: number, { objects }: Captured): string {
  return `${kept} of ${formatPlural(objects.length, "object")} had been copied before the backup was interrupted`;
}

async function spoolMeta({ spool, backupId }: BackupWork, { meta }: Captured): Promise<void> {
  const { full, collection, partitions, segments } = encodeCollection({ ...meta, id: backupId });
  await spool.addElement("full", full);
  await spool.addElement("collection", [collection]);
  await spool.addElements("partition", partitions);
  await spool.addElements("segment", segments);
}

function wholeEntry(step: BackUpCollectionStep, capture: Captured, now: Date): ManifestCollection {
  const { meta, rows, segments, objects, bytes, flushedAt, rawSchema, capturedAt } = capture;
  return {
    ...emptyEntry(step, now),
    capturedAt,
    id: meta.collection_id.toString(),
    state: "complete",
    rows,
    segments,
    objects: objects.length,
    bytes,
    ...(capture.part && { partitions: capture.part }),
    ...(flushedAt > 0n && { flushedAt: toTime(flushedAt).toISOString() }),
    schema: Buffer.from(rawSchema).toString("base64"),
  };
}

function emptyEntry({ collection }: BackUpCollectionStep, now: Date): Omit<ManifestCollection, "state"> {
  return { id: "0", ...collection, rows: 0, segments: 0, objects: 0, bytes: 0, capturedAt: now.toISOString() };
}

/** The physical half of a hybrid timestamp: milliseconds << 18 | logical. */
function toTime(hybrid: bigint): Date {
  return new Date(Number(hybrid >> 18n));
}

interface Finding {
  readonly entry: ManifestCollection;
  readonly notes: readonly string[];
  readonly error?: EventError;
}

/** The same facts for the manifest and for whoever listens. */
function report({ run }: Job, { entries }: BackupWork, { entry, ...rest }: Finding): void {
  entries.push(entry);
  const { database, name, state, rows, segments, objects, bytes } = entry;
  run.record({
    type: "collection.finished",
    collection: { database, name },
    state,
    rows,
    segments,
    objects,
    bytes,
    ...rest,
  });
}
