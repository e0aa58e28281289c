import type { Call } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { countRows } from "./column.ts";
import { readDeletedKeys } from "./deletes.ts";
import type { DeletedKeys } from "./deletes.ts";
import { readFields } from "./fields.ts";
import type { FieldLogs } from "./fields.ts";
import type { LogSource } from "./log-source.ts";
import { int64, keyDecoderOf } from "./values.ts";
import type { PrimaryKey } from "./values.ts";

/** The logs that decide how many rows of a segment are live. */
export interface SegmentLogs extends Call {
  readonly primaryKey: { readonly id: bigint; readonly dataType: number };
  /** The primary key's logs and the timestamps' (field 1), each in the order of their log ids as numbers. */
  readonly primaryKeys: readonly LogSource[];
  readonly timestamps: readonly LogSource[];
  /** The segment's own. */
  readonly deltas: readonly LogSource[];
  /** Deletions from elsewhere: the L0 segments of the partition and of all partitions. */
  readonly deleted?: readonly DeletedKeys[] | undefined;
}

export interface LiveRows {
  readonly rows: number;
  readonly deleted: number;
  readonly live: number;
}

/**
 * Counts the rows of a segment that no deletion has removed. Where there are no deletions, the footers of the key's
 * logs are all that is read; else keys and timestamps are decoded, one log of each in memory at a time.
 */
export async function countLiveRows(segment: SegmentLogs): Promise<LiveRows> {
  const { primaryKey, primaryKeys, timestamps } = segment;
  const own = await readDeletedKeys(segment.deltas, { signal: segment.signal, keyType: primaryKey.dataType });
  const deleted = [own, ...(segment.deleted ?? [])].filter((keys) => keys.size > 0);
  if (deleted.length === 0) return allLive(segment);
  let rows = 0;
  let gone = 0;
  const fields: FieldLogs<PrimaryKey>[] = [
    { field: { id: primaryKey.id, decoder: keyDecoderOf(primaryKey.dataType) }, logs: primaryKeys },
    { field: { id: 1n, decoder: int64 }, logs: timestamps },
  ];
  for await (const [keys = [], times = []] of readFields(fields, segment)) {
    rows += keys.length;
    gone += keys.filter((key, row) => isDeleted(deleted, key, times[row])).length;
  }
  return { rows, deleted: gone, live: rows - gone };
}

async function allLive({ primaryKeys, signal }: SegmentLogs): Promise<LiveRows> {
  let rows = 0;
  for (const source of primaryKeys) rows += await countRows(source, { signal });
  return { rows, deleted: 0, live: rows };
}

/** A row is gone when its key was deleted after it was written: an upsert deletes and writes at the same time. */
export function isDeleted(
  deleted: readonly DeletedKeys[],
  key: PrimaryKey | null,
  time: PrimaryKey | null | undefined,
): boolean {
  if (key === null || typeof time !== "bigint") {
    throw new BackupError("damaged", "Cannot count the rows of a segment: a row has no primary key or no timestamp");
  }
  return deleted.some((keys) => (keys.get(key) ?? -1n) > time);
}
