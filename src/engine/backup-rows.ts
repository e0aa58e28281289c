import { readDeletedKeys } from "../binlog/deletes.ts";
import type { DeletedKeys } from "../binlog/deletes.ts";
import { isDeleted } from "../binlog/live-rows.ts";
import { readSegmentRows } from "../binlog/segment-rows.ts";
import type { Row, RowField } from "../binlog/segment-rows.ts";
import type { Value } from "../binlog/values.ts";
import { ALL_PARTITIONS } from "../format/ids.ts";
import { TIMESTAMP_FIELD } from "../format/insert-logs.ts";
import type { SegmentMeta } from "../format/meta.ts";
import { segmentObjects } from "../format/segment-objects.ts";
import { isL0, segmentsOf } from "../format/segments.ts";
import { groupBySegment, insertLogs, primaryKeyOf, readL0, toLogSource } from "./expected-rows.ts";
import type { RowsQuery } from "./expected-rows.ts";

/** The rows of a backup's collection that nothing has deleted, as its logs hold them. */
export interface BackupRows {
  readonly segments: readonly SegmentMeta[];
  /** Of one segment, these fields and the primary key, in batches as they come out of its logs. */
  live(segment: SegmentMeta, fields: readonly RowField[]): AsyncGenerator<readonly LiveRow[]>;
}

export interface LiveRow {
  readonly key: bigint | string;
  readonly values: Row;
}

const INT64 = 5;
const TIMESTAMP = { id: TIMESTAMP_FIELD, name: "1:timestamp", dataType: INT64 }; // no field can be called so

/** Reads the deletes of L0 segments, which hold for many; all else is read when it is asked for. */
export async function openBackupRows(query: RowsQuery): Promise<BackupRows> {
  const { collection, signal } = query;
  const objects = groupBySegment(segmentObjects(collection));
  const l0 = await readL0(query, objects);
  const key = primaryKeyOf(collection);
  const keyField: RowField = { id: key.fieldID, name: key.name, dataType: key.data_type };
  const deletesOf = async (segment: SegmentMeta): Promise<readonly DeletedKeys[]> => {
    const own = (objects.get(segment.segment_id) ?? []).filter(({ log }) => log.kind === "delta");
    const logs = own.map((object) => toLogSource(query, object));
    const deleted = await readDeletedKeys(logs, { signal, keyType: key.data_type });
    return [deleted, ...(l0.get(segment.partition_id) ?? []), ...(l0.get(ALL_PARTITIONS) ?? [])];
  };
  return {
    segments: [...segmentsOf(collection)].filter((segment) => !isL0(segment) && (segment.num_of_rows ?? 0n) > 0n),
    async *live(segment, fields) {
      const deleted = await deletesOf(segment);
      const own = objects.get(segment.segment_id) ?? [];
      const all = [keyField, TIMESTAMP, ...fields.filter(({ id }) => id !== keyField.id)];
      const logsOf = ({ id }: RowField) => insertLogs(query, own, id);
      for await (const rows of readSegmentRows({ fields: all, logsOf, signal })) {
        const live = rows.filter((row) => !isDeleted(deleted, toKey(row[key.name]), toTime(row[TIMESTAMP.name])));
        yield live.map((values) => ({ key: toKey(values[key.name]) ?? "", values }));
      }
    },
  };
}

function toKey(value: Value | undefined): bigint | string | null {
  return typeof value === "bigint" || typeof value === "string" ? value : null;
}

function toTime(value: Value | undefined): bigint | null {
  return typeof value === "bigint" ? value : null;
}
