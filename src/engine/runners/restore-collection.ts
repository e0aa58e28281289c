import type { CollectionOutcome } from "../../core/events.ts";
import type { RestoreCollectionStep } from "../../core/plan.ts";
import { formatPlural } from "../../core/quantities.ts";
import type { CollectionMeta } from "../../format/meta.ts";
import { segmentObjects } from "../../format/segment-objects.ts";
import { segmentsOf } from "../../format/segments.ts";
import { dropCollection } from "../../milvus/create.ts";
import { compareRows, countPartitions } from "../compare-rows.ts";
import { countExpectedRows, totalRows } from "../expected-rows.ts";
import { importCollection, isStillImporting } from "../import-collection.ts";
import { checkSameFields, makeCollection, makePartitions } from "../make-collection.ts";
import type { Progress } from "../progress.ts";
import { replaceCollection } from "../replace-collection.ts";
import { restoreSurroundings } from "../restore-surroundings.ts";
import type { RestoreJob, Restoring } from "../restore-job.ts";
import type { StepRunner } from "../run-steps.ts";
import { toEventError } from "../../core/event-error.ts";

/** Makes one collection from the backup, compares its rows, and only then gives it indexes, aliases and its name. */
export function restoreCollection(job: RestoreJob): StepRunner<RestoreCollectionStep["kind"]> {
  return async (step, progress) => {
    const meta = await job.metas.get(step.collectionId);
    const restoring: Restoring = { step, meta, into: workingName(job, step) };
    const facts = factsOf(step, meta);
    try {
      const { expected, found } = await restoreRows(job, restoring, progress);
      const notes = await restoreSurroundings(job, await inPlace(job, restoring));
      job.run.record({
        type: "collection.finished",
        ...facts,
        state: "complete",
        rows: expected,
        rowsFound: found,
        notes,
      });
      return `${formatPlural(found, "row")}, as in the backup`;
    } catch (error) {
      job.run.record({ type: "collection.finished", ...facts, state: "failed", notes: [], error: toEventError(error) });
      throw error;
    }
  };
}

/** A collection that replaces another is made beside it, so that a failure leaves the other as it was. */
function workingName({ run }: RestoreJob, { to, mode }: RestoreCollectionStep): Restoring["into"] {
  const name = mode === "replace" ? `${to.name}__restore_${run.runId}` : to.name;
  return { database: to.database, collection: name };
}

interface Rows {
  readonly expected: number;
  readonly found: number;
}

async function restoreRows(job: RestoreJob, restoring: Restoring, progress: Progress): Promise<Rows> {
  const { step, meta, into } = restoring;
  const { run, target, limits } = job;
  const query = { storage: target.storage, backup: job.backup, collection: meta, signal: run.signal };
  const expected = await countExpectedRows({ ...query, concurrency: limits.objects });
  if (step.mode === "append") await checkSameFields(job, restoring);
  else await makeCollection(job, restoring);
  try {
    await makePartitions(job, restoring);
    const before = await countPartitions(job, into, meta);
    await importCollection(job, restoring, progress);
    const found = await compareRows(job, { into, meta, expected, before });
    return { expected: totalRows(expected).live, found };
  } catch (error) {
    if (step.mode !== "append") await dropUnlessWanted(job, restoring, error);
    throw error;
  }
}

/**
 * What this run made goes again when it did not become whole. Two things stay: a collection whose rows differ, for
 * inspection (but not one that was to replace another), and one that an import still writes to.
 */
async function dropUnlessWanted(job: RestoreJob, { step, into }: Restoring, error: unknown): Promise<void> {
  const { code } = toEventError(error);
  if (isStillImporting(error) || (code === "damaged" && step.mode === "create")) return;
  await dropCollection(job.source.milvus, into, { signal: AbortSignal.timeout(DROP_TIMEOUT_MS) });
}

const DROP_TIMEOUT_MS = 60_000;

/** The collection under its own name. */
async function inPlace({ source, run }: RestoreJob, restoring: Restoring): Promise<Restoring> {
  const { step, into: restored } = restoring;
  if (step.mode !== "replace") return restoring;
  const old = { database: step.to.database, collection: step.to.name };
  await replaceCollection(source.milvus, { old, restored }, { signal: run.signal });
  return { ...restoring, into: old };
}

function factsOf(step: RestoreCollectionStep, meta: CollectionMeta): Omit<CollectionOutcome, "state" | "notes"> {
  const objects = [...segmentObjects(meta)].length;
  const segments = [...segmentsOf(meta)].length;
  return { collection: step.from, restoredTo: step.to, rows: step.rows, segments, objects, bytes: step.bytes };
}
