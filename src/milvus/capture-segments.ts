import type { StorageLocation } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { createLimit } from "../io/limit.ts";
import { segmentFiles, type SegmentFiles, type SegmentSource } from "./segment-files.ts";
import { chooseSegments, listSegments } from "./segments.ts";
import type { MilvusSession } from "./session.ts";
import type { CapturedSegment, CollectionRef, MilvusCall, SegmentInfo, SkippedSegment } from "./types.ts";

export interface SegmentRequest extends CollectionRef {
  readonly partitionIds: readonly bigint[];
  readonly source: SegmentSource;
}

export interface CapturedSegments {
  readonly segments: readonly CapturedSegment[];
  /** What the server lists and a backup leaves out, and why. */
  readonly skipped: readonly SkippedSegment[];
}

const TRIES = 5;
const LISTINGS_AT_ONCE = 16;

/**
 * The segments of a collection with their files, all as of one listing: when compaction replaced one before its files
 * were seen, everything is listed anew. Throws "unreachable" when the storage does not hold what the server lists.
 */
export async function captureSegments(
  milvus: MilvusSession,
  request: SegmentRequest,
  call: MilvusCall = {},
): Promise<CapturedSegments> {
  for (let tries = 1; ; tries += 1) {
    const { taken, skipped } = chooseSegments(await listSegments(milvus, request, call), request.partitionIds);
    const found = await filesOf(request.source, taken, call);
    const incomplete = found.filter(isIncomplete);
    if (incomplete.length === 0) return { segments: found.flatMap(capturedOf), skipped };
    await checkReplaced(milvus, { request, incomplete, isLastTry: tries === TRIES }, call);
  }
}

interface Found {
  readonly segment: SegmentInfo;
  readonly files: SegmentFiles;
}

interface Incomplete extends Found {
  readonly files: Extract<SegmentFiles, { kind: "incomplete" }>;
}

async function filesOf(
  source: SegmentSource,
  segments: readonly SegmentInfo[],
  call: MilvusCall,
): Promise<readonly Found[]> {
  const limit = createLimit(LISTINGS_AT_ONCE);
  const find = async (segment: SegmentInfo): Promise<Found> => ({
    segment,
    files: await limit(() => segmentFiles(source, segment, call)),
  });
  return await Promise.all(segments.map(find));
}

function isIncomplete(found: Found): found is Incomplete {
  return found.files.kind === "incomplete";
}

function capturedOf({ files }: Found): readonly CapturedSegment[] {
  return files.kind === "captured" ? [files.segment] : [];
}

interface Doubt {
  readonly request: SegmentRequest;
  readonly incomplete: readonly Incomplete[];
  readonly isLastTry: boolean;
}

/** Only a segment that the server no longer lists may lack files. */
async function checkReplaced(milvus: MilvusSession, doubt: Doubt, call: MilvusCall): Promise<void> {
  const { request, incomplete, isLastTry } = doubt;
  const listed = new Set((await listSegments(milvus, request, call)).map(({ id }) => id));
  const missing = incomplete.find(({ segment }) => listed.has(segment.id));
  const name = `"${request.database}.${request.collection}"`;
  if (missing !== undefined) throw notThere(name, request.source.storage.location, missing);
  if (isLastTry) {
    throw new BackupError("failed", `Segments of ${name} were compacted away faster than they could be listed`, {
      hint: "Run it again when compaction has calmed down",
    });
  }
}

function notThere(name: string, location: StorageLocation, { segment, files }: Incomplete): BackupError {
  const place = [location.endpoint, location.bucket, location.path, location.prefix].filter(Boolean).join("/");
  const why = `${files.reason} under "${place}/insert_log/${segment.collectionId}/${segment.partitionId}/${segment.id}/"`;
  return new BackupError("unreachable", `The storage does not hold segment ${segment.id} of ${name}: ${why}`, {
    hint:
      "Set bucket and prefix (or path) of the source's storage to Milvus's own minio.bucketName and minio.rootPath " +
      "(or localStorage.path)",
    facts: { segmentId: segment.id, rows: segment.rows, place },
  });
}
