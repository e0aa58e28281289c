import { BackupError, isBackupError } from "../../core/errors.ts";
import type { CollectionOutcome } from "../../core/events.ts";
import type { RestoreCollectionStep } from "../../core/plan.ts";
import { formatPlural } from "../../core/quantities.ts";
import type { CollectionMeta } from "../../format/meta.ts";
import type { MadeCollection } from "../../format/restore-record.ts";
import { segmentObjects } from "../../format/segment-objects.ts";
import { segmentsOf } from "../../format/segments.ts";
import { renameCollection } from "../../milvus/alter.ts";
import { dropCollection } from "../../milvus/create.ts";
import { describeCollection } from "../../milvus/describe.ts";
import { checkStructure, furtherDifferencesOf } from "../check-structure.ts";
import { cleanUpAfter } from "../clean-up.ts";
import { compareRows, countPartitions, rowsFoundBy } from "../compare-rows.ts";
import { countExpectedRows, totalRows } from "../expected-rows.ts";
import type { ExpectedRows } from "../expected-rows.ts";
import { finishImports, importCollection } from "../import-collection.ts";
import { checkSameFields, makeCollection, makePartitions } from "../make-collection.ts";
import type { Progress } from "../progress.ts";
import { replaceCollection } from "../replace-collection.ts";
import { restoreAliases } from "../restore-aliases.ts";
import { restoreSurroundings } from "../restore-surroundings.ts";
import type { RestoreJob, Restoring } from "../restore-job.ts";
import type { StepRunner } from "../run-steps.ts";
import { toEventError } from "../../core/event-error.ts";
import { isWorthKeeping } from "../worth-keeping.ts";

/** Makes one collection from the backup and compares it, rows first; only then it gets its aliases and its name. */
export function restoreCollection(job: RestoreJob): StepRunner<RestoreCollectionStep["kind"]> {
  return async (step, progress) => {
    const meta = await job.metas.get(step.collectionId);
    const restoring: Restoring = { step, meta, into: workingName(job, step) };
    const facts = factsOf(step, meta);
    const earlier = job.state.earlier(step.collectionId);
    if (earlier?.isComplete) {
      const notes = [`it was whole before the restore was interrupted, and is left as it is`];
      job.run.record({ type: "collection.finished", ...facts, state: "complete", notes });
      return "restored before";
    }
    try {
      const { notes, ...counts } = earlier?.isCompared ? COMPARED_BEFORE : await restoreWhole(job, restoring, progress);
      await recordStage(job, restoring, { isCompared: true, isComplete: false });
      const aliasNotes = await giveAliases(job, await inPlace(job, restoring));
      await recordStage(job, restoring, { isCompared: true, isComplete: true });
      const outcome = { ...facts, ...counts, notes: [...notes, ...aliasNotes] };
      job.run.record({ type: "collection.finished", ...outcome, state: "complete" });
      return `${formatPlural(outcome.rows, "row")}, as in the backup`;
    } catch (error) {
      const failure = { rowsFound: rowsFoundBy(error), notes: notesOn(step, error), error: toEventError(error) };
      job.run.record({ type: "collection.finished", ...facts, state: "failed", ...failure });
      throw error;
    }
  };
}

/** What the error does not say: an import that was begun cannot be taken back from a collection that had rows before. */
function notesOn({ mode }: RestoreCollectionStep, error: unknown): readonly string[] {
  const left = mode === "append" ? ["rows that came in before the failure, if any, are still in it"] : [];
  return [...left, ...furtherDifferencesOf(error)];
}

/**
 * A collection that replaces another is made beside it, so that a failure leaves the other as it was. One that an earlier
 * run made is where it is, also when that run had dropped the other already.
 */
function workingName({ state }: RestoreJob, { collectionId, to, mode }: RestoreCollectionStep): Restoring["into"] {
  const made = state.earlier(collectionId)?.into;
  if (made !== undefined) return { database: made.database, collection: made.name };
  const name = mode === "replace" ? `${to.name}__restore_${state.restoreId}` : to.name;
  return { database: to.database, collection: name };
}

interface Restored {
  /** Live ones, in the backup and in Milvus; absent where they were compared before. */
  readonly rows?: number;
  readonly rowsFound?: number;
  /** What was not brought back, and why. */
  readonly notes: readonly string[];
}

/** Clients may write to one that has its name already: what they wrote is not compared, let alone dropped. */
const COMPARED_BEFORE: Restored = { notes: ["its rows had been compared before the restore was interrupted"] };

/** Rows, then indexes and the rest but aliases, all of it compared; what this run made goes again when it did not become whole. */
async function restoreWhole(job: RestoreJob, restoring: Restoring, progress: Progress): Promise<Restored> {
  const expected = await expectRows(job, restoring);
  const total = totalRows(expected);
  const isImported = await isImportedBefore(job, restoring);
  if (restoring.step.mode === "append") await checkSameFields(job, restoring);
  else if (!isImported) await makeCollection(job, restoring);
  let areRowsRight = false;
  try {
    if (!isImported) await recordMade(job, restoring, { isCompared: false, isComplete: false });
    const rowsFound = await restoreRows(job, { ...restoring, expected, isImported }, progress);
    areRowsRight = true;
    const notes = await restoreSurroundings(job, restoring, total);
    return { rows: total.live, rowsFound, notes: [...notes, ...(await checkStructure(job, restoring))] };
  } catch (error) {
    const { mode } = restoring.step;
    if (isWorthKeeping({ mode, areRowsRight, isStopped: job.run.signal.aborted }, error)) throw error;
    const { database, collection } = restoring.into;
    throw await cleanUpAfter(error, `${database}.${collection}`, () => dropMade(job, restoring));
  }
}

/**
 * Whether an earlier run had started every import into this collection, which then are waited for. One that it had not
 * come so far with goes again, and is made anew.
 */
async function isImportedBefore(job: RestoreJob, restoring: Restoring): Promise<boolean> {
  const earlier = job.state.earlier(restoring.step.collectionId);
  if (earlier === undefined) return false;
  if (await finishImports(job, restoring, earlier.tasks)) return true;
  const { database, name: collection } = earlier.into;
  await dropMade(job, { ...restoring, into: { database, collection } });
  return false;
}

type Stage = Pick<MadeCollection, "isCompared" | "isComplete">;

/** With what proves to a resumption that it is the one that was made here; of rows that are appended nothing does. */
async function recordMade(job: RestoreJob, { step, into }: Restoring, stage: Stage): Promise<void> {
  const { to, mode, collectionId } = step;
  if (mode === "append") return;
  const there = stage.isComplete ? { database: to.database, collection: to.name } : into;
  const { id, createdTimestamp } = await describeCollection(job.source.milvus, there, { signal: job.run.signal });
  await job.state.made({
    collectionId,
    into: { database: into.database, name: into.collection },
    to,
    id: id.toString(),
    createdTimestamp: createdTimestamp.toString(),
    ...stage,
  });
}

/** What was done is done, also when the run is stopped now: a resumption finds how far it was by what is there. */
async function recordStage(job: RestoreJob, restoring: Restoring, stage: Stage): Promise<void> {
  try {
    await recordMade(job, restoring, stage);
  } catch (error) {
    if (!job.run.signal.aborted) throw error;
  }
}

/** Each holds decoded logs in memory. */
const SEGMENTS_AT_ONCE = 4;

function expectRows({ run, target, backup }: RestoreJob, { meta }: Restoring): Promise<ExpectedRows> {
  const { storage } = target;
  return countExpectedRows({ storage, backup, collection: meta, signal: run.signal, concurrency: SEGMENTS_AT_ONCE });
}

async function restoreRows(
  job: RestoreJob,
  { expected, isImported, ...restoring }: Restoring & { readonly expected: ExpectedRows; readonly isImported: boolean },
  progress: Progress,
): Promise<number> {
  const { into, meta } = restoring;
  if (isImported) return await compareRows(job, { into, meta, expected, before: new Map() });
  await makePartitions(job, restoring);
  const before = await countPartitions(job, into, meta);
  await importCollection(job, restoring, progress);
  return await compareRows(job, { into, meta, expected, before });
}

async function dropMade({ source, state }: RestoreJob, { into, step }: Restoring): Promise<void> {
  await dropCollection(source.milvus, into, { signal: AbortSignal.timeout(DROP_TIMEOUT_MS) }); // also when the run was stopped
  await state.forget(step.collectionId);
}

const DROP_TIMEOUT_MS = 60_000;

/** The collection under its own name. */
async function inPlace({ source, run, patience }: RestoreJob, restoring: Restoring): Promise<Restoring> {
  const { step, into: restored } = restoring;
  const into = { database: step.to.database, collection: step.to.name };
  if (restored.collection === into.collection) return restoring;
  const call = { signal: run.signal, graceMs: patience.graceMs };
  if (step.mode === "replace") await replaceCollection(source.milvus, { old: into, restored }, call);
  else await renameCollection(source.milvus, { ...restored, newName: into.collection }, call);
  return { ...restoring, into };
}

/** Everything else is in it, so it stays, also when the run was stopped: its name is told then, and that it can be gone on with. */
async function giveAliases(job: RestoreJob, restoring: Restoring): Promise<readonly string[]> {
  try {
    return await restoreAliases(job, restoring);
  } catch (error) {
    if (!isBackupError(error)) throw error;
    const { database, collection } = restoring.into;
    const hint = `${database}.${collection} is whole but for its aliases: create them, or restore it again with --resume`;
    throw new BackupError(error.code, error.message, { cause: error.cause, hint, facts: error.facts });
  }
}

function factsOf(step: RestoreCollectionStep, meta: CollectionMeta): Omit<CollectionOutcome, "state" | "notes"> {
  const objects = [...segmentObjects(meta)].length;
  const segments = [...segmentsOf(meta)].length;
  return { collection: step.from, restoredTo: step.to, rows: step.rows, segments, objects, bytes: step.bytes };
}
