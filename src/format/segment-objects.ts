import { damagedMeta } from "./damaged.ts";
import { parseId } from "./ids.ts";
import type { Binlog, CollectionMeta, SegmentMeta } from "./meta.ts";
import { payloadKey } from "./payload-keys.ts";
import type { DeltaLog, SegmentLog } from "./payload-keys.ts";
import { segmentsOf } from "./segments.ts";

/** An object that a backup must have, going by its meta files. */
export interface SegmentObject {
  /** Relative to the backup's directory. */
  readonly key: string;
  readonly bytes: number;
  readonly log: SegmentLog;
}

/** Every payload object of a collection, segment by segment; BackupError "damaged" where the meta files name none. */
export function* segmentObjects(collection: CollectionMeta): Generator<SegmentObject> {
  for (const segment of segmentsOf(collection)) yield* objectsOf(segment);
}

/** Those of one segment. */
export function* objectsOf(segment: SegmentMeta): Generator<SegmentObject> {
  yield* insertObjects(segment);
  yield* deltaObjects(segment);
}

function* insertObjects(segment: SegmentMeta): Generator<SegmentObject> {
  for (const { fieldID: field = 0n, binlogs = [] } of segment.binlogs ?? []) {
    for (const binlog of binlogs) {
      yield toObject({ kind: "insert", ...placeOf(segment), field, log: idOf(binlog, segment) }, binlog);
    }
  }
}

/** v0.4.15 gives each file a field of its own, with the log's id for the field's. */
function* deltaObjects(segment: SegmentMeta): Generator<SegmentObject> {
  for (const { binlogs = [] } of segment.deltalogs ?? []) {
    for (const binlog of binlogs) {
      yield toObject({ kind: "delta", ...placeOf(segment), log: idOf(binlog, segment) }, binlog);
    }
  }
}

function placeOf({
  collection_id,
  partition_id,
  segment_id,
  group_id = 0n,
}: SegmentMeta): Omit<DeltaLog, "kind" | "log"> {
  return { collection: collection_id, partition: partition_id, group: group_id, segment: segment_id };
}

function toObject(log: SegmentLog, { log_size }: Binlog): SegmentObject {
  const bytes = Number(log_size);
  if (log.log < 0n || (log.kind === "insert" && log.field < 0n)) {
    throw damagedMeta(`segment ${log.segment} has a log with a negative id`);
  }
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw damagedMeta(`log ${log.log} has a size of ${log_size} bytes`);
  return { key: payloadKey(log), bytes, log };
}

/** The id is the last element of the path where it is not given: before v0.5.4. */
function idOf({ log_id, log_path = "" }: Binlog, { segment_id }: SegmentMeta): bigint {
  const id = log_id ?? parseId(log_path.slice(log_path.lastIndexOf("/") + 1));
  if (id === undefined) throw damagedMeta(`a log of segment ${segment_id} has no id`);
  return id;
}
