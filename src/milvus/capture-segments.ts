import type { StorageLocation } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { sourcePrefix } from "../format/payload-keys.ts";
import { createLimit } from "../io/limit.ts";
import { checkRows } from "./check-rows.ts";
import { segmentFiles, type SegmentFiles, type SegmentSource } from "./segment-files.ts";
import { chooseSegments, listSegments } from "./segments.ts";
import { listSegmentLogs } from "./segment-logs.ts";
import type { MilvusSession } from "./session.ts";
import type { CapturedSegment, CollectionRef, MilvusCall, SegmentInfo, SkippedSegment } from "./types.ts";

export interface SegmentRequest extends CollectionRef {
  readonly partitionIds: readonly bigint[];
  /** Partitions whose segments are not looked at; none when absent. */
  readonly leftOut?: ReadonlySet<bigint>;
  readonly source: SegmentSource;
}

export interface CapturedSegments {
  readonly segments: readonly CapturedSegment[];
  /** What the server lists and a backup leaves out, and why. */
  readonly skipped: readonly SkippedSegment[];
}

const TRIES = 5;
const WAIT_MS = 500;
const READS_AT_ONCE = 16;

/**
 * The segments of a collection with their files, all as of one listing: when compaction replaced one before its files
 * were seen, everything is listed anew. Throws "unreachable" when the storage does not hold what the server lists, and
 * "damaged" when it holds other rows.
 */
export async function captureSegments(
  milvus: MilvusSession,
  request: SegmentRequest,
  call: MilvusCall = {},
): Promise<CapturedSegments> {
  for (let tries = 1; ; tries += 1) {
    const listed = await listSegments(milvus, request, call);
    const wanted = listed.filter(({ partitionId }) => !request.leftOut?.has(partitionId));
    const { taken, skipped } = chooseSegments(wanted, request.partitionIds);
    const found = await filesOf(request.source, taken, call);
    const doubtful = found.filter(isDoubtful);
    if (doubtful.length === 0) return { segments: found.flatMap(capturedOf), skipped };
    await checkReplaced(milvus, { request, doubtful, isLastTry: tries === TRIES }, call);
  }
}

interface Found<Files extends SegmentFiles = SegmentFiles> {
  readonly segment: SegmentInfo;
  readonly files: Files;
}

type Incomplete = Extract<SegmentFiles, { kind: "incomplete" }>;
type OtherRows = Extract<SegmentFiles, { kind: "other-rows" }>;

async function filesOf(
  source: SegmentSource,
  segments: readonly SegmentInfo[],
  call: MilvusCall,
): Promise<readonly Found[]> {
  const limit = createLimit(READS_AT_ONCE);
  const logsOf = await listSegmentLogs(source.storage, segments, call);
  const find = async (segment: SegmentInfo): Promise<Found> => {
    const files = segmentFiles(source.rootPath, segment, logsOf(segment));
    return { segment, files: await checkRows(segment, files, { ...call, storage: source.storage, limit }) };
  };
  return await Promise.all(segments.map(find));
}

function isDoubtful(found: Found): found is Found<Incomplete | OtherRows> {
  return found.files.kind === "incomplete" || found.files.kind === "other-rows";
}

function capturedOf({ files }: Found): readonly CapturedSegment[] {
  return files.kind === "captured" ? [files.segment] : [];
}

interface Doubt {
  readonly request: SegmentRequest;
  readonly doubtful: readonly Found<Incomplete | OtherRows>[];
  readonly isLastTry: boolean;
}

/** Only a segment that the server no longer lists may lack files; one that it is writing may have other rows for a while. */
async function checkReplaced(milvus: MilvusSession, doubt: Doubt, call: MilvusCall): Promise<void> {
  const { request, doubtful, isLastTry } = doubt;
  const listed = new Set((await listSegments(milvus, request, call)).map(({ id }) => id));
  const there = doubtful.filter(({ segment }) => listed.has(segment.id));
  const name = `"${request.database}.${request.collection}"`;
  for (const { segment, files } of there) {
    if (files.kind === "incomplete") throw notThere(name, request.source.storage.location, { segment, files });
    if (isLastTry) throw otherRows(name, { segment, files });
  }
  if (isLastTry) {
    throw new BackupError("failed", `Segments of ${name} were compacted away faster than they could be listed`, {
      hint: "Run it again when compaction has calmed down",
    });
  }
  if (there.length > 0) await milvus.clock.sleep(WAIT_MS, call.signal);
}

function notThere(name: string, location: StorageLocation, { segment, files }: Found<Incomplete>): BackupError {
  const place = [location.endpoint, location.bucket, location.path, location.prefix].filter(Boolean).join("/");
  const why = `${files.reason} under "${place}/${directoryOf(segment)}"`;
  return new BackupError("unreachable", `The storage does not hold segment ${segment.id} of ${name}: ${why}`, {
    hint:
      "Set bucket and prefix (or path) of the source's storage to Milvus's own minio.bucketName and minio.rootPath " +
      "(or localStorage.path)",
    facts: { segmentId: segment.id, rows: segment.rows, place },
  });
}

function otherRows(name: string, { segment, files }: Found<OtherRows>): BackupError {
  const numbers = `its logs hold ${files.rows} rows and Milvus counts ${segment.rows}`;
  const hint =
    files.rows > segment.rows
      ? "Logs of a crashed DataNode may lie beside Milvus's own, and a restore would bring their rows, too: give the " +
        "collection an index and compact it, so that Milvus writes the rows that it knows of anew, and run it again"
      : `Logs are gone from "${directoryOf(segment)}": find out what deletes there, and take the rows from an earlier backup`;
  return new BackupError("damaged", `Cannot take segment ${segment.id} of ${name}: ${numbers}`, {
    hint,
    facts: { segmentId: segment.id, rows: segment.rows, rowsFound: files.rows },
  });
}

function directoryOf({ collectionId: collection, partitionId: partition, id: segment }: SegmentInfo): string {
  return sourcePrefix({ kind: "insert", collection, partition, segment });
}
