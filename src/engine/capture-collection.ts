import type { CollectionPart } from "../core/collection-name.ts";
import { BackupError } from "../core/errors.ts";
import type { Consistency } from "../core/contracts/policy.ts";
import type { PlannedObject } from "../core/copy-plan.ts";
import type { CollectionMeta, PartitionMeta, SegmentMeta } from "../format/meta.ts";
import { parseSourceKey, payloadKey } from "../format/payload-keys.ts";
import { captureCollection as captureDescription } from "../milvus/capture.ts";
import { describeCollection } from "../milvus/describe.ts";
import { flushCollection } from "../milvus/flush.ts";
import { listPartitions } from "../milvus/inventory.ts";
import { captureSegments } from "../milvus/capture-segments.ts";
import { ALL_PARTITIONS } from "../format/ids.ts";
import type { CapturedSegment, CollectionRef, FlushResult, MilvusCall, SkippedSegment } from "../milvus/types.ts";
import { choosePartitions } from "./choose-partitions.ts";
import type { OpenSource } from "./places.ts";

/** What one collection's backup is made from: taken before its first object is copied. */
export interface Capture {
  readonly meta: CollectionMeta;
  /** The protobuf schema.CollectionSchema as Milvus sent it. */
  readonly rawSchema: Uint8Array;
  readonly objects: readonly PlannedObject[];
  readonly segments: number;
  /** Rows written, the deleted ones included. */
  readonly rows: number;
  readonly bytes: number;
  /** Hybrid timestamp up to which every row is in it; 0 when it was not flushed. */
  readonly flushedAt: bigint;
  /** What was left out on purpose, and why. */
  readonly notes: readonly string[];
  /** Which partitions these are, when they are not all. */
  readonly part?: CollectionPart | undefined;
}

export interface CaptureOptions extends MilvusCall {
  readonly consistency: Consistency;
  /** Globs on the names of its partitions; absent for all of them. */
  readonly partitions?: readonly string[] | undefined;
}

/** How often a collection is described anew when it, or its partitions, changed until its segments were listed. */
const TRIES = 3;

/** Describes, flushes and lists a collection, all of one and the same: what is listed holds every row before the flush. */
export async function captureCollection(
  source: OpenSource,
  ref: CollectionRef,
  options: CaptureOptions,
): Promise<Capture> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const capture = await captureOnce(source, ref, options);
    if (capture !== undefined) return capture;
  }
  throw new BackupError(
    "failed",
    `${ref.database}.${ref.collection} or its partitions changed whenever it was captured`,
    {
      hint: "run it again when partitions are not being made and dropped all the time",
    },
  );
}

/** Undefined when what was described first is not what was flushed and listed then. */
async function captureOnce(
  source: OpenSource,
  ref: CollectionRef,
  options: CaptureOptions,
): Promise<Capture | undefined> {
  const description = await captureDescription(source.milvus, ref, options);
  const { meta, leftOut, part, notes: onPartitions } = choosePartitions(description.meta, options.partitions);
  const described = { meta, rawSchema: description.rawSchema, part };
  if (options.consistency === "meta-only") return toCapture({ ...described, segments: [], notes: onPartitions });
  const flush = options.consistency === "flush" ? await flushCollection(source.milvus, ref, options) : undefined;
  const partitionIds = meta.partition_backups?.map(({ partition_id }) => partition_id) ?? [];
  const request = { ...ref, partitionIds, leftOut, source: { storage: source.segments, rootPath: source.rootPath } };
  const { segments, skipped } = await captureSegments(source.milvus, request, options);
  const { id } = await describeCollection(source.milvus, ref, options);
  const isSame =
    id === meta.collection_id && !(await isPartitionNew(source, { ...ref, skipped, partitionIds }, options));
  if (!isSame) return undefined;
  const notes = skipped.map(
    ({ segmentId, rows, reason }) => `segment ${segmentId} (${rows} rows) is left out: ${reason}`,
  );
  return toCapture({ ...described, segments, flush, notes: [...onPartitions, ...notes] });
}

interface Skips extends CollectionRef {
  readonly skipped: readonly SkippedSegment[];
  readonly partitionIds: readonly bigint[];
}

/** Whether rows were skipped because their partition is newer than the description, rather than dropped since. */
async function isPartitionNew(
  { milvus }: OpenSource,
  { skipped, partitionIds, ...ref }: Skips,
  call: MilvusCall,
): Promise<boolean> {
  const unknown = skipped.filter(({ rows, partitionId }) => rows > 0n && !partitionIds.includes(partitionId));
  if (unknown.length === 0) return false;
  const there = new Set((await listPartitions(milvus, ref, call)).map(({ id }) => id));
  return unknown.some(({ partitionId }) => there.has(partitionId));
}

interface Findings {
  readonly meta: CollectionMeta;
  readonly rawSchema: Uint8Array;
  readonly segments: readonly CapturedSegment[];
  readonly flush?: FlushResult | undefined;
  readonly notes: readonly string[];
  readonly part?: CollectionPart | undefined;
}

function toCapture({ meta, rawSchema, segments, flush, notes, part }: Findings): Capture {
  const metas = segments.map((segment) => segment.meta);
  const whole = withSegments({ ...meta, ...(flush && flushMeta(flush)) }, metas);
  return {
    meta: whole,
    rawSchema,
    objects: segments.flatMap(plannedObjects),
    segments: metas.length,
    rows: metas.reduce((rows, { num_of_rows = 0n }) => rows + Number(num_of_rows), 0),
    bytes: Number(whole.size),
    flushedAt: flush?.flushTs ?? 0n,
    notes,
    ...(part && { part }),
  };
}

/** What the flush tells, under the Go tool's names. */
function flushMeta({ checkpointTs, sealTime, channelCheckpoints }: FlushResult): Partial<CollectionMeta> {
  return {
    ...(checkpointTs > 0n && { backup_timestamp: checkpointTs }),
    ...(sealTime > 0n && { backup_physical_timestamp: sealTime }),
    ...(Object.keys(channelCheckpoints).length > 0 && { channel_checkpoints: channelCheckpoints }),
  };
}

/** Hangs the segments into their partitions and adds up the sizes. */
function withSegments(meta: CollectionMeta, segments: readonly SegmentMeta[]): CollectionMeta {
  const partitions = meta.partition_backups?.map((partition): PartitionMeta => {
    const own = segments.filter(({ partition_id }) => partition_id === partition.partition_id);
    return { ...partition, ...(own.length > 0 && { segment_backups: own }), size: sizeOf(own) };
  });
  const l0 = segments.filter(({ partition_id }) => partition_id === ALL_PARTITIONS);
  return {
    ...meta,
    ...(partitions && { partition_backups: partitions }),
    ...(l0.length > 0 && { l0_segments: l0 }),
    size: sizeOf(segments),
  };
}

function sizeOf(segments: readonly SegmentMeta[]): bigint {
  return segments.reduce((sum, { size }) => sum + size, 0n);
}

function plannedObjects({ meta, files }: CapturedSegment): readonly PlannedObject[] {
  return files.map(({ key, bytes }) => {
    const log = parseSourceKey(key);
    if (log === undefined) throw new TypeError(`Not a log of a segment: ${key}`);
    return { sourceKey: key, key: payloadKey({ ...log, group: meta.group_id }), bytes };
  });
}
