import { BackupError } from "../core/errors.ts";
import type { IndexMeta } from "../format/meta.ts";
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
  live: number,
): Promise<readonly string[]> {
  if (restoring.step.mode === "append") {
    return ["appended: its own indexes, properties, aliases and load state are left as they are"];
  }
  const indexNotes = await restoreIndexes(job, restoring);
  const loadNotes = await restoreLoadState(job, restoring, live);
  await restoreTimeToLive(job, restoring);
  return [...indexNotes, ...loadNotes];
}

async function restoreIndexes(
  { source, run, choices }: RestoreJob,
  { meta, into }: Restoring,
): Promise<readonly string[]> {
  const indexes = meta.index_infos ?? [];
  if (choices.index === "none")
    return indexes.length === 0 ? [] : [`${indexes.length} indexes are not restored: --index none`];
  for (const index of indexes) {
    const params = choices.index === "auto" ? automatic(index) : (index.params ?? {});
    const request = { fieldName: index.field_name ?? "", indexName: index.index_name ?? "", params };
    await createIndex(source.milvus, { ...into, index: request }, { signal: run.signal });
  }
  return [];
}

function automatic({ params = {} }: IndexMeta): Readonly<Record<string, string>> {
  const { metric_type } = params;
  return { index_type: "AUTOINDEX", ...(metric_type !== undefined && { metric_type }) };
}

/** Only now: rows that are older than their time to live would have been missing from the comparison. */
async function restoreTimeToLive({ source, run }: RestoreJob, { meta, into }: Restoring): Promise<void> {
  const { afterComparison: properties } = planProperties(meta);
  if (properties.length > 0) await alterProperties(source.milvus, { ...into, properties }, { signal: run.signal });
}

const LOAD_DEADLINE_MS = 30 * 60_000;

async function restoreLoadState(job: RestoreJob, { meta, into }: Restoring, live: number): Promise<readonly string[]> {
  const { source, run, choices } = job;
  const partitions = meta.partition_backups ?? [];
  const loaded = partitions
    .filter(({ load_state }) => load_state === "Loaded")
    .map(({ partition_name }) => partition_name);
  if (meta.load_state !== "Loaded" && loaded.length === 0) return [];
  if (!choices.load) return ["it was loaded, and is not loaded now: --load"];
  if (choices.index === "none") return ["it was loaded, and cannot be loaded without an index: --index none"];
  const whole = meta.load_state === "Loaded" || loaded.length === partitions.length;
  const call = { signal: run.signal, deadline: source.milvus.clock.now() + LOAD_DEADLINE_MS };
  await waitForIndexes(source.milvus, into, call);
  await loadCollection(source.milvus, whole ? into : { ...into, partitions: loaded }, call);
  if (whole) await compareCount(job, into, live);
  return [];
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
