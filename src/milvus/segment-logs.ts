import type { ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { parseSourceKey, sourcePrefix } from "../format/payload-keys.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { objectsIn } from "../io/list-objects.ts";
import type { MilvusCall, SegmentFile, SegmentInfo } from "./types.ts";

/** A log as the storage lists it. */
export interface LogFile extends SegmentFile {
  /** Of an insert log; 0 for deltas, as in the Go tool's meta. */
  readonly fieldId: bigint;
  readonly logId: bigint;
}

export interface SegmentLogs {
  readonly inserts: readonly LogFile[];
  readonly deltas: readonly LogFile[];
}

export type FindLogs = (segment: SegmentInfo) => SegmentLogs;

const KINDS = ["insert", "delta"] as const;
const LISTS_AT_ONCE = 16;

/**
 * Finds the logs of these segments by listing their partitions: two requests for each of thousands of segments take
 * longer and cost more. What else lies in the partitions is passed over.
 */
export async function listSegmentLogs(
  storage: Storage,
  segments: readonly SegmentInfo[],
  { signal }: MilvusCall = {},
): Promise<FindLogs> {
  const logs = new Map<string, LogFile[]>();
  const partitions = new Set<string>();
  for (const { collectionId: collection, partitionId: partition, id: segment } of segments) {
    for (const kind of KINDS) {
      logs.set(sourcePrefix({ kind, collection, partition, segment }), []);
      partitions.add(sourcePrefix({ kind, collection, partition }));
    }
  }
  await forEachConcurrent(partitions, { concurrency: LISTS_AT_ONCE, signal }, async (partition) => {
    for await (const object of objectsIn(storage, partition, { signal })) {
      logs.get(segmentDirectory(object.key))?.push(toLogFile(object));
    }
  });
  const find = (kind: SegmentFile["kind"], { collectionId: collection, partitionId: partition, id }: SegmentInfo) =>
    logs.get(sourcePrefix({ kind, collection, partition, segment: id })) ?? [];
  return (segment) => ({ inserts: find("insert", segment), deltas: find("delta", segment) });
}

/** `insert_log/1/2/3/` of all keys below it. */
function segmentDirectory(key: string): string {
  return `${key.split("/", 4).join("/")}/`;
}

/** What is no log of a segment might be data all the same, so it is not passed over. */
function toLogFile({ key, bytes, etag }: ObjectInfo): LogFile {
  const log = parseSourceKey(key);
  if (log === undefined) {
    throw new BackupError("failed", `Found "${key}" among the files of a segment, which is not a Milvus log`, {
      hint: "Milvus does not write such files: move it out of the way, or check what else uses this storage",
    });
  }
  return { kind: log.kind, key, bytes, etag, fieldId: log.kind === "insert" ? log.field : 0n, logId: log.log };
}
