import { Buffer } from "node:buffer";
import type { HookOutcome } from "../../core/contracts/hook-plugin.ts";
import { BackupError, isBackupError } from "../../core/errors.ts";
import type { EventError } from "../../core/events.ts";
import type { BackUpCollectionStep } from "../../core/plan.ts";
import { formatBytes, formatPlural } from "../../core/quantities.ts";
import { encodeCollection } from "../../format/write-meta.ts";
import type { ManifestCollection } from "../../format/manifest.ts";
import { isMilvusError } from "../../milvus/errors.ts";
import { captureAndCopy } from "../capture-and-copy.ts";
import type { CaptureWork } from "../capture-and-copy.ts";
import { withHooks } from "../hooks.ts";
import type { HookFrame } from "../hooks.ts";
import { refuseRenamed } from "../refuse-renamed.ts";
import type { Job } from "../places.ts";
import type { StepRunner } from "../run-steps.ts";
import type { Captured } from "../stored-capture.ts";
import { toEventError } from "../../core/event-error.ts";

export interface BackupWork extends CaptureWork {
  /** What the Go tool calls the id of a backup: in the meta of every collection. */
  readonly backupId: string;
  readonly hooks: HookFrame;
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
