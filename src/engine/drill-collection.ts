import { formatName } from "../core/collection-name.ts";
import { createNearest, recallOf } from "../core/nearest-rows.ts";
import type { NearestRows } from "../core/nearest-rows.ts";
import { messageOf } from "../core/errors.ts";
import type { RestoreCollectionStep } from "../core/plan.ts";
import { formatPlural } from "../core/quantities.ts";
import type { CollectionMeta, FieldSchema, IndexMeta } from "../format/meta.ts";
import { isMilvusError } from "../milvus/errors.ts";
import { createIndex, waitForIndexes } from "../milvus/indexes.ts";
import { loadCollection } from "../milvus/load.ts";
import { planProperties } from "../milvus/properties.ts";
import { readRows } from "../milvus/read-rows.ts";
import { countRows } from "../milvus/rows.ts";
import { search } from "../milvus/search.ts";
import type { CollectionRef } from "../milvus/types.ts";
import { openBackupRows } from "./backup-rows.ts";
import type { BackupRows, LiveRow } from "./backup-rows.ts";
import { countExpectedRows, primaryKeyOf, totalRows } from "./expected-rows.ts";
import type { RowsQuery } from "./expected-rows.ts";
import type { OpenSource } from "./places.ts";
import { comparableFields, sampleRows } from "./sample-rows.ts";
import type { SampleRow } from "./sample-rows.ts";
import type { DamageLog } from "./verify-job.ts";

export interface CollectionDrill {
  readonly source: OpenSource;
  readonly step: RestoreCollectionStep;
  readonly query: RowsQuery;
  readonly damage: DamageLog;
}

const LOAD_DEADLINE_MS = 30 * 60_000;

/** Looks at a collection that was restored as a user would: counts, reads and searches it. Gives back what is worth telling. */
export async function drillCollection(drill: CollectionDrill): Promise<readonly string[]> {
  const { source, step, query, damage } = drill;
  const { milvus } = source;
  const { signal, collection: meta } = query;
  const into = { database: step.to.database, collection: step.to.name };
  const name = formatName(step.from);
  if (planProperties(meta).afterComparison.length > 0)
    return [`${name}: its rows were counted only, since they expire`];
  await indexVectors(drill, into);
  const call = { signal, deadline: milvus.clock.now() + LOAD_DEADLINE_MS };
  await waitForIndexes(milvus, into, call);
  await loadCollection(milvus, into, call);
  const expected = totalRows(await countExpectedRows(query)).live;
  const found = Number(await countRows(milvus, into, { signal }));
  if (found !== expected) {
    const message = `a query finds ${found} rows, not the ${expected} live ones of the backup`;
    damage.add({ kind: "different", collection: step.from, expected: String(expected), found: String(found), message });
  }
  const rows = await openBackupRows(query);
  const sample = await sampleRows(rows, comparableFields(meta));
  await compareRows(drill, into, sample);
  const recalls = await searchAll(drill, into, { rows, sample });
  await milvus.send("ReleaseCollection", { collection_name: into.collection }, { database: into.database, signal });
  const sampled = `${formatPlural(found, "row")} counted, ${formatPlural(sample.length, "row")} compared field by field`;
  return [`${name}: ${[sampled, ...recalls].join(", ")}`];
}

/** By schema.DataType, what an index of a vector without one is made of: a scratch collection can have any. */
const PLAIN_INDEX: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  100: { index_type: "BIN_FLAT", metric_type: "HAMMING" },
  101: { index_type: "FLAT", metric_type: "L2" },
  102: { index_type: "FLAT", metric_type: "L2" },
  103: { index_type: "FLAT", metric_type: "L2" },
  104: { index_type: "SPARSE_INVERTED_INDEX", metric_type: "IP" },
  105: { index_type: "FLAT", metric_type: "L2" },
};

/** Nothing can be read of a collection before each of its vectors has an index. */
async function indexVectors({ source, query }: CollectionDrill, into: CollectionRef): Promise<void> {
  const { collection: meta, signal } = query;
  const indexed = new Set((meta.index_infos ?? []).map(({ field_name }) => field_name));
  for (const { name, data_type } of meta.schema.fields) {
    const params = PLAIN_INDEX[data_type];
    if (params === undefined || indexed.has(name)) continue;
    await createIndex(source.milvus, { ...into, index: { fieldName: name, indexName: "", params } }, { signal });
  }
}

const KEYS_AT_ONCE = 64;

async function compareRows(
  { source, step, query, damage }: CollectionDrill,
  into: CollectionRef,
  sample: readonly SampleRow[],
): Promise<void> {
  const keyField = primaryKeyOf(query.collection).name;
  for (let from = 0; from < sample.length; from += KEYS_AT_ONCE) {
    const some = sample.slice(from, from + KEYS_AT_ONCE);
    const keys = some.map(({ key }) => key);
    const found = await readRows(source.milvus, { ...into, keyField, keys }, { signal: query.signal });
    const byKey = new Map(found.map((row) => [row.get(keyField), row]));
    for (const row of some) {
      const other = byKey.get(row.texts.get(keyField));
      const message = other === undefined ? "is not there after the restore" : differenceOf(row, other);
      if (message !== undefined)
        damage.add({ kind: "different", collection: step.from, message: `the row ${String(row.key)} ${message}` });
    }
  }
}

/** The first field that is another; those that the server does not give cannot be compared. */
function differenceOf({ texts }: SampleRow, found: ReadonlyMap<string, string>): string | undefined {
  for (const [field, text] of texts) {
    const other = found.get(field);
    if (other !== undefined && other !== text) return `has another ${field} after the restore`;
  }
  return undefined;
}

const SEARCHES = 5;
const TOP_K = 10;

interface Searching {
  readonly rows: BackupRows;
  readonly sample: readonly SampleRow[];
}

/** A line for each index of float vectors: how many of the nearest rows a search finds. */
async function searchAll(
  drill: CollectionDrill,
  into: CollectionRef,
  searching: Searching,
): Promise<readonly string[]> {
  const { schema, index_infos = [] } = drill.query.collection;
  const lines: string[] = [];
  for (const field of schema.fields.filter(({ data_type }) => data_type === FLOAT_VECTOR)) {
    const metric = metricOf(index_infos, field);
    if (metric !== undefined) lines.push(await searchOne(drill, into, { ...searching, field, metric }));
  }
  return lines;
}

const FLOAT_VECTOR = 101;

/** Some servers give parameters one by one, some as JSON in one that is called params. */
function metricOf(indexes: CollectionMeta["index_infos"], { name }: FieldSchema): string | undefined {
  const params: IndexMeta["params"] = indexes?.find(({ field_name }) => field_name === name)?.params;
  return params?.["metric_type"];
}

interface SearchOne extends Searching {
  readonly field: FieldSchema;
  readonly metric: string;
}

async function searchOne(drill: CollectionDrill, into: CollectionRef, one: SearchOne): Promise<string> {
  const { source, query } = drill;
  const { field, metric, sample, rows } = one;
  const vectors = sample.flatMap(({ vectors: own }) => own.get(field.name) ?? []).slice(0, SEARCHES);
  const nearest = vectors.flatMap((vector) => createNearest(vector, { metric, topK: TOP_K }) ?? []);
  if (nearest.length === 0) return `no search of ${field.name}: by ${metric} nothing can be compared`;
  await findNearest(rows, field, nearest);
  try {
    const request = { ...into, field: field.name, metric, vectors, topK: TOP_K };
    const found = await search(source.milvus, request, { signal: query.signal });
    const recalls = nearest.map((exact, index) => recallOf(exact.keys(), found[index] ?? []));
    const recall = recalls.reduce((total, value) => total + value, 0) / recalls.length;
    return `recall of ${field.name} ${(recall * 100).toFixed(1)} % of the top ${TOP_K} by ${metric} in ${recalls.length} searches`;
  } catch (error) {
    if (!isMilvusError(error, "other")) throw error;
    return `${field.name} could not be searched: ${messageOf(error)}`;
  }
}

/** Looks at every live row of the backup. */
async function findNearest(rows: BackupRows, field: FieldSchema, nearest: readonly NearestRows[]): Promise<void> {
  const rowField = { id: field.fieldID, name: field.name, dataType: field.data_type };
  const look = ({ key, values }: LiveRow): void => {
    const vector = values[field.name];
    if (vector instanceof Float32Array) for (const each of nearest) each.add(key, vector);
  };
  for (const segment of rows.segments) {
    for await (const live of rows.live(segment, [rowField])) live.forEach(look);
  }
}
