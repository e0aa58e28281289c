import { countRows } from "../binlog/column.ts";
import { storedLog } from "../binlog/stored-log.ts";
import { isStorageError, type Storage } from "../core/contracts/storage.ts";
import { insertLogsOf, TIMESTAMP_FIELD } from "../format/insert-logs.ts";
import { parseSourceKey } from "../format/payload-keys.ts";
import { forEachConcurrent, type Limit } from "../io/limit.ts";
import type { SegmentFiles } from "./segment-files.ts";
import type { MilvusCall, SegmentInfo } from "./types.ts";

/** What the logs of a segment are read with. */
export interface LogReads extends MilvusCall {
  readonly storage: Storage;
  /** Reads at once, of all segments together. */
  readonly limit: Limit;
}

const LOGS_AT_ONCE = 16;

/**
 * Whether the logs hold the rows that Milvus counts. A DataNode that crashed can leave a second set of logs beside the
 * one that Milvus knows of: every field has as many, only the rows show it. Read are the ends of one field's logs.
 */
export async function checkRows(segment: SegmentInfo, files: SegmentFiles, reads: LogReads): Promise<SegmentFiles> {
  if (files.kind !== "captured" || files.segment.meta.is_l0) return files;
  const objects = files.segment.files.flatMap(({ key, bytes }) => {
    const log = parseSourceKey(key);
    return log === undefined ? [] : [{ key, bytes, log }]; // segmentFiles refused what is no log
  });
  let rows = 0;
  try {
    const logs = insertLogsOf(objects, TIMESTAMP_FIELD);
    await forEachConcurrent(logs, { concurrency: LOGS_AT_ONCE, signal: reads.signal }, async (log) => {
      const own = await reads.limit(() => countRows(storedLog(reads.storage, log), { signal: reads.signal }));
      rows += own; // not before the await: others count meanwhile
    });
  } catch (error) {
    if (isStorageError(error, "missing")) return { kind: "incomplete", reason: "a log is no longer there" };
    throw error;
  }
  return BigInt(rows) === segment.rows ? files : { kind: "other-rows", rows };
}
