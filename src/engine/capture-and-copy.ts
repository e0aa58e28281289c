import { formatName } from "../core/collection-name.ts";
import type { Consistency } from "../core/contracts/policy.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { StorageError } from "../core/contracts/storage.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import type { BackUpCollectionStep } from "../core/plan.ts";
import { formatPlural } from "../core/quantities.ts";
import { captureCollection } from "./capture-collection.ts";
import { cleanUpAfter } from "./clean-up.ts";
import { copyCollection } from "./copy-collection.ts";
import type { CollectionCopy } from "./copy-collection.ts";
import { removePayload } from "./payload.ts";
import type { Job } from "./places.ts";
import type { Progress } from "./progress.ts";
import { refuseRenamed } from "./refuse-renamed.ts";
import type { RunState } from "./run-state.ts";
import type { Spool } from "./spool.ts";
import { fromStored, toStored } from "./stored-capture.ts";
import type { Captured } from "./stored-capture.ts";

/** What captures and copies of a backup's collections have in common. */
export interface CaptureWork {
  readonly backup: string;
  readonly consistency: Consistency;
  readonly spool: Spool;
  readonly state: RunState;
  /** Whether an earlier run left something of it. */
  readonly isResumed: boolean;
}

interface Attempt {
  readonly step: BackUpCollectionStep;
  readonly progress: Progress;
}

/** Once anew when files went away under the copy, by compaction and garbage collection; an earlier run's does not count. */
const CAPTURES = 2;
const CAPTURE_DEADLINE_MS = 30 * 60_000;

/** What fails otherwise than by files that went away is left where it is: a resumption may need it, a commit removes it. */
export async function captureAndCopy(job: Job, work: CaptureWork, { step, progress }: Attempt): Promise<Captured> {
  const { signal } = job.run;
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
      signal.throwIfAborted();
      if (!isStorageError(error, "missing")) throw error;
      if (attempt === CAPTURES) throw toLastFailure(step, { error, before });
      before = captured;
      await removeCopied(job, step, { error, copy });
    }
  }
}

interface Overtaken {
  readonly error: StorageError;
  readonly copy: Omit<CollectionCopy, "objects">;
}

/** So that nothing of a capture is there when the next one is copied. */
async function removeCopied({ run, target }: Job, step: BackUpCollectionStep, { error, copy }: Overtaken) {
  const name = formatName(step.collection);
  const remove = (): Promise<void> => removePayload(target.storage, { ...copy, signal: run.signal });
  const failure = await cleanUpAfter(error, `what was copied of ${name}`, remove);
  if (failure !== error) throw failure;
  run.record({ type: "notice", message: `${name} changed under the copy: it is captured anew` });
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

async function captureAnew(job: Job, work: CaptureWork, step: BackUpCollectionStep): Promise<Captured> {
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
