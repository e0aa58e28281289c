import { readDeletedKeys } from "../binlog/deletes.ts";
import type { DeletedKeys } from "../binlog/deletes.ts";
import { countLiveRows } from "../binlog/live-rows.ts";
import type { LiveRows } from "../binlog/live-rows.ts";
import type { LogSource } from "../binlog/log-source.ts";
import { storedLog } from "../binlog/stored-log.ts";
import { BackupError } from "../core/errors.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { ALL_PARTITIONS } from "../format/ids.ts";
import { insertLogsOf, TIMESTAMP_FIELD } from "../format/insert-logs.ts";
import { keyInBackup } from "../format/keys.ts";
import type { CollectionMeta, FieldSchema } from "../format/meta.ts";
import { segmentObjects } from "../format/segment-objects.ts";
import type { SegmentObject } from "../format/segment-objects.ts";
import { isL0 } from "../format/segments.ts";
import { forEachConcurrent } from "../io/limit.ts";

export interface RowsQuery {
  readonly storage: Storage;
  readonly backup: string;
  readonly collection: CollectionMeta;
  readonly signal: AbortSignal;
  /** Segments counted at once. */
  readonly concurrency: number;
}

/** By partition id: what a restore must bring back. */
export type ExpectedRows = ReadonlyMap<bigint, LiveRows>;

/**
 * Counts what is live in each partition: rows without a later delete of their key, in the segment's own delta logs or in
 * L0 segments. Where nothing was deleted the rows that the meta names are believed.
 */
export async function countExpectedRows(query: RowsQuery): Promise<ExpectedRows> {
  const { collection, concurrency, signal } = query;
  const segments = groupBySegment(segmentObjects(collection));
  const l0 = await readL0(query, segments);
  const counted = new Map(collection.partition_backups?.map(({ partition_id }) => [partition_id, NONE]));
  const metas = collection.partition_backups?.flatMap(({ segment_backups = [] }) => segment_backups) ?? [];
  await forEachConcurrent(metas, { concurrency, signal }, async ({ segment_id, partition_id, num_of_rows = 0n }) => {
    const objects = segments.get(segment_id) ?? [];
    const deleted = [...(l0.get(partition_id) ?? []), ...(l0.get(ALL_PARTITIONS) ?? [])];
    const hasDeletes = deleted.length > 0 || objects.some(({ log }) => log.kind === "delta");
    const rows = Number(num_of_rows);
    const live =
      hasDeletes && rows > 0 ? await countSegment(query, objects, deleted) : { rows, deleted: 0, live: rows };
    if (live.rows !== rows) throw otherRows(segment_id, live.rows, rows);
    counted.set(partition_id, add(counted.get(partition_id) ?? NONE, live));
  });
  return counted;
}

export function totalRows(expected: ExpectedRows): LiveRows {
  return [...expected.values()].reduce(add, NONE);
}

const NONE: LiveRows = { rows: 0, deleted: 0, live: 0 };

function add(a: LiveRows, b: LiveRows): LiveRows {
  return { rows: a.rows + b.rows, deleted: a.deleted + b.deleted, live: a.live + b.live };
}

function otherRows(segment: bigint, found: number, expected: number): BackupError {
  return new BackupError(
    "damaged",
    `The logs of segment ${segment} hold ${found} rows, not the ${expected} of its meta`,
  );
}

/** By the segment's id. */
export type Segments = ReadonlyMap<bigint, readonly SegmentObject[]>;

/** The objects of each segment, by its id. */
export function groupBySegment(objects: Iterable<SegmentObject>): Segments {
  const segments = new Map<bigint, SegmentObject[]>();
  for (const object of objects) {
    const own = segments.get(object.log.segment);
    if (own === undefined) segments.set(object.log.segment, [object]);
    else own.push(object);
  }
  return segments;
}

async function countSegment(
  query: RowsQuery,
  objects: readonly SegmentObject[],
  deleted: readonly DeletedKeys[],
): Promise<LiveRows> {
  const key = primaryKeyOf(query.collection);
  return countLiveRows({
    primaryKey: { id: key.fieldID, dataType: key.data_type },
    primaryKeys: insertLogs(query, objects, key.fieldID),
    timestamps: insertLogs(query, objects, TIMESTAMP_FIELD),
    deltas: objects.filter(({ log }) => log.kind === "delta").map((object) => toLogSource(query, object)),
    deleted,
    signal: query.signal,
  });
}

/** The deleted keys of L0 segments, by partition; -1 stands for all of them. */
export async function readL0(
  query: RowsQuery,
  segments: Segments,
): Promise<ReadonlyMap<bigint, readonly DeletedKeys[]>> {
  const { collection, signal } = query;
  const ofPartitions = collection.partition_backups?.flatMap(({ segment_backups = [] }) => segment_backups) ?? [];
  const l0 = new Map<bigint, DeletedKeys[]>();
  for (const { segment_id, partition_id } of [...ofPartitions.filter(isL0), ...(collection.l0_segments ?? [])]) {
    const logs = (segments.get(segment_id) ?? []).map((object) => toLogSource(query, object));
    const keys = await readDeletedKeys(logs, { signal, keyType: primaryKeyOf(collection).data_type });
    l0.set(partition_id, [...(l0.get(partition_id) ?? []), keys]);
  }
  return l0;
}

/** A BackupError "damaged" for a schema that has none. */
export function primaryKeyOf({ schema, collection_name }: CollectionMeta): FieldSchema {
  const key = schema.fields.find(({ is_primary_key }) => is_primary_key);
  if (key === undefined) throw new BackupError("damaged", `The schema of ${collection_name} has no primary key`);
  return key;
}

/** A field's insert logs, in the order of their rows. */
export function insertLogs(query: RowsQuery, objects: readonly SegmentObject[], field: bigint): readonly LogSource[] {
  return insertLogsOf(objects, field).map((object) => toLogSource(query, object));
}

/** A log of the backup, where it is kept. */
export function toLogSource({ storage, backup }: RowsQuery, { key, bytes }: SegmentObject): LogSource {
  return storedLog(storage, { key: keyInBackup(backup, key), bytes });
}
