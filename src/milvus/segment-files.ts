import type { Storage } from "../core/contracts/storage.ts";
import type { Binlog, FieldBinlog, SegmentMeta } from "../format/meta.ts";
import { ALL_PARTITIONS } from "../format/ids.ts";
import type { LogFile, SegmentLogs } from "./segment-logs.ts";
import type { CapturedSegment, SegmentFile, SegmentInfo } from "./types.ts";
import { withoutZeros } from "./zeros.ts";

/** The storage that holds a Milvus's segments. */
export interface SegmentSource {
  /** Scoped at the root path, so that keys start with "insert_log/" and "delta_log/". */
  readonly storage: Storage;
  /** What Milvus has before those keys ("files", "/var/lib/milvus/data"): the meta files tell whole paths. */
  readonly rootPath: string;
}

export type SegmentFiles =
  | { readonly kind: "captured"; readonly segment: CapturedSegment }
  /** No rows and nothing to copy. */
  | { readonly kind: "empty" }
  /** Its files are not all there: compacted and collected since it was listed, or this is not Milvus's storage. */
  | { readonly kind: "incomplete"; readonly reason: string }
  /** Its logs hold these rows, and Milvus counts others: it is being written, or the storage has what Milvus knows nothing of. */
  | { readonly kind: "other-rows"; readonly rows: number };

/** What a segment consists of, by the logs that the storage lists of it, as the Go tool has it. */
export function segmentFiles(rootPath: string, segment: SegmentInfo, { inserts, deltas }: SegmentLogs): SegmentFiles {
  const isL0 = segment.isL0 ?? (segment.rows === 0n && inserts.length === 0);
  if (isL0) return deltas.length === 0 ? { kind: "empty" } : captured({ rootPath, segment, isL0, inserts: [], deltas });
  if (inserts.length === 0) return withoutInserts(segment);
  const uneven = unevenFields(inserts);
  return uneven === undefined
    ? captured({ rootPath, segment, isL0, inserts, deltas })
    : { kind: "incomplete", reason: uneven };
}

function withoutInserts({ rows }: SegmentInfo): SegmentFiles {
  return rows === 0n ? { kind: "empty" } : { kind: "incomplete", reason: `it has ${rows} rows and no insert logs` };
}

/** A field with fewer files than the others was half written or is half collected. */
function unevenFields(inserts: readonly LogFile[]): string | undefined {
  const counts = [...byField(inserts)].map(([field, logs]) => ({ field, count: logs.length }));
  const first = counts[0];
  const other = counts.find(({ count }) => count !== first?.count);
  if (first === undefined || other === undefined) return undefined;
  return `field ${first.field} has ${first.count} files and field ${other.field} has ${other.count}`;
}

function byField(logs: readonly LogFile[]): ReadonlyMap<bigint, readonly LogFile[]> {
  const fields = new Map<bigint, LogFile[]>();
  for (const log of logs) {
    const known = fields.get(log.fieldId);
    if (known === undefined) fields.set(log.fieldId, [log]);
    else known.push(log);
  }
  return new Map([...fields].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

interface Found extends SegmentLogs {
  readonly rootPath: string;
  readonly segment: SegmentInfo;
  readonly isL0: boolean;
}

function captured({ rootPath, segment, isL0, inserts, deltas }: Found): SegmentFiles {
  const toBinlog = ({ key, bytes, logId }: LogFile): Binlog => ({
    log_path: `${rootPath}/${key}`,
    log_size: BigInt(bytes),
    log_id: logId,
  });
  const binlogs = [...byField(inserts)].map(([fieldID, logs]): FieldBinlog => ({
    ...withoutZeros({ fieldID }),
    binlogs: logs.map(toBinlog),
  }));
  const files = [...inserts, ...deltas];
  const meta: SegmentMeta = {
    segment_id: segment.id,
    collection_id: segment.collectionId,
    partition_id: segment.partitionId,
    ...withoutZeros({ num_of_rows: segment.rows, binlogs }),
    deltalogs: [withoutZeros({ binlogs: deltas.map(toBinlog) })], // one entry, empty or not: the Go tool's shape
    size: files.reduce((sum, { bytes }) => sum + BigInt(bytes), 0n),
    ...withoutZeros({
      group_id: segment.partitionId === ALL_PARTITIONS ? 0n : segment.id,
      is_l0: isL0,
      storage_version: segment.storageVersion,
    }),
  };
  return { kind: "captured", segment: { meta, files: files.map(toSegmentFile) } };
}

function toSegmentFile({ kind, key, bytes, etag }: LogFile): SegmentFile {
  return { kind, key, bytes, etag };
}
