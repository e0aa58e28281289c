import type { LiveRows } from "../binlog/live-rows.ts";
import { BackupError } from "../core/errors.ts";
import type { CollectionMeta, IndexMeta } from "../format/meta.ts";
import { alterProperties } from "../milvus/alter.ts";
import { createIndex, waitForIndexes } from "../milvus/indexes.ts";
import { loadCollection } from "../milvus/load.ts";
import { planProperties } from "../milvus/properties.ts";
import { countRows } from "../milvus/rows.ts";
import { DIFFERENCE_HINT } from "./compare-rows.ts";
import type { RestoreJob, Restoring } from "./restore-job.ts";

/** Indexes, load state and time to live, once the rows are right. Gives back what was not brought back, and why. */
export async function restoreSurroundings(
  job: RestoreJob,
  restoring: Restoring,
  rows: LiveRows,
): Promise<readonly string[]> {
  if (restoring.step.mode === "append") {
    return ["appended: its own indexes, properties, aliases and load state are left as they are"];
  }
  const indexNotes = await restoreIndexes(job, restoring);
  const { notes: loadNotes, isCounted } = await restoreLoadState(job, restoring, rows.live);
  await restoreTimeToLive(job, restoring);
  return [...indexNotes, ...loadNotes, ...(isCounted ? [] : rangeNotes(job, restoring, rows))];
}

/**
 * From Milvus 2.4 on the statistics count rows that a delete log hides, so that without a query only a range could be
 * compared: that is said, and is not enough to give up another collection for.
 */
function rangeNotes(
  { source }: RestoreJob,
  { step, into }: Restoring,
  { live, rows, deleted }: LiveRows,
): readonly string[] {
  if (!source.milvus.capabilities.importV2 || deleted === 0) return [];
  const range = `its rows were compared within a range only, ${live} live ones to ${rows} with deleted ones`;
  if (step.mode !== "replace") return [`${range}: --load counts them exactly`];
  throw new BackupError("refused", `Cannot replace ${step.to.name} by ${into.collection}: ${range}`, {
    hint: "say --load, so that the live rows are counted before the old collection is dropped",
  });
}

async function restoreIndexes(
  { source, run, choices }: RestoreJob,
  { meta, into }: Restoring,
): Promise<readonly string[]> {
  const indexes = meta.index_infos ?? [];
  if (choices.index === "none")
    return indexes.length === 0 ? [] : [`${indexes.length} indexes are not restored: --index none`];
  for (const { field_name: fieldName = "", index_name: indexName = "", params = {} } of askedIndexes(meta, choices)) {
    await createIndex(source.milvus, { ...into, index: { fieldName, indexName, params } }, { signal: run.signal });
  }
  return [];
}

/** The indexes that a restore is to make. */
export function askedIndexes(
  { index_infos = [] }: CollectionMeta,
  { index }: RestoreJob["choices"],
): readonly IndexMeta[] {
  if (index === "none") return [];
  return index === "same" ? index_infos : index_infos.map(automatic);
}

/** Without a metric it is of scalars: there Milvus 2.3 has no AUTOINDEX, and every release chooses when nothing is said. */
function automatic({ field_name, index_name, params }: IndexMeta): IndexMeta {
  const metric = params?.["metric_type"];
  return {
    ...(field_name !== undefined && { field_name }),
    ...(index_name !== undefined && { index_name }),
    params: metric === undefined ? {} : { index_type: "AUTOINDEX", metric_type: metric },
  };
}

/** Only now: rows that are older than their time to live would have been missing from the comparison. */
async function restoreTimeToLive({ source, run }: RestoreJob, { meta, into }: Restoring): Promise<void> {
  const { afterComparison: properties } = planProperties(meta);
  if (properties.length > 0) await alterProperties(source.milvus, { ...into, properties }, { signal: run.signal });
}

const LOAD_DEADLINE_MS = 30 * 60_000;

function notLoaded(...notes: readonly string[]): LoadResult {
  return { notes, isCounted: false };
}

interface LoadResult {
  readonly notes: readonly string[];
  /** All rows were counted by a query. */
  readonly isCounted: boolean;
}

async function restoreLoadState(job: RestoreJob, { meta, into }: Restoring, live: number): Promise<LoadResult> {
  const { source, run, choices } = job;
  const partitions = meta.partition_backups ?? [];
  const loaded = partitions
    .filter(({ load_state }) => load_state === "Loaded")
    .map(({ partition_name }) => partition_name);
  if (meta.load_state !== "Loaded" && loaded.length === 0) return notLoaded();
  if (!choices.load) return notLoaded("it was loaded, and is not loaded now: --load");
  if (choices.index === "none") return notLoaded("it was loaded, and cannot be loaded without an index: --index none");
  const whole = meta.load_state === "Loaded" || loaded.length === partitions.length;
  const call = { signal: run.signal, deadline: source.milvus.clock.now() + LOAD_DEADLINE_MS };
  await waitForIndexes(source.milvus, into, call);
  await loadCollection(source.milvus, whole ? into : { ...into, partitions: loaded }, call);
  if (whole) await compareCount(job, into, live);
  return { notes: [], isCounted: whole };
}

/** What can be queried must be the live rows to the last one, whatever the server's version. */
async function compareCount({ source, run }: RestoreJob, into: Restoring["into"], live: number): Promise<void> {
  const found = Number(await countRows(source.milvus, into, { signal: run.signal }));
  if (found === live) return;
  const name = `${into.database}.${into.collection}`;
  throw new BackupError("damaged", `A query finds ${found} rows in ${name}, not the ${live} live ones of the backup`, {
    hint: DIFFERENCE_HINT,
    facts: { rowsFound: found },
  });
}
