import { ALL_PARTITIONS } from "../format/ids.ts";
import { retry } from "../io/retry.ts";
import type { Capabilities } from "./capabilities.ts";
import { isMilvusError, MilvusError } from "./errors.ts";
import type { WireSegment } from "./rpc.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionRef, MilvusCall, SegmentInfo, SegmentState, SkippedSegment } from "./types.ts";

/** Every segment that the server calls persistent. */
export async function listSegments(
  milvus: MilvusSession,
  { database, collection }: CollectionRef,
  call: MilvusCall = {},
): Promise<readonly SegmentInfo[]> {
  const ask = () => milvus.send("GetPersistentSegmentInfo", { collectionName: collection }, { ...call, database });
  const { reply } = await retry(ask, { ...call, waitMs: waitOutCompaction, clock: milvus.clock });
  return reply.infos.map((info) => toSegment(info, milvus.capabilities));
}

export interface SegmentChoice {
  readonly taken: readonly SegmentInfo[];
  readonly skipped: readonly SkippedSegment[];
}

/**
 * The segments that a backup takes. After a flush every row promised is in a flushed or flushing segment: one that is
 * still sealed was made since, an importing one is not visible yet, and one of a dropped partition has no place to go.
 */
export function chooseSegments(segments: readonly SegmentInfo[], partitionIds: readonly bigint[]): SegmentChoice {
  const partitions = new Set([...partitionIds, ALL_PARTITIONS]);
  const reasonOf = ({ state, partitionId }: SegmentInfo): string | undefined => {
    if (state !== "flushed" && state !== "flushing") return `its state is ${state}`;
    return partitions.has(partitionId) ? undefined : "its partition was dropped";
  };
  const skipped = segments.flatMap((segment) => {
    const reason = reasonOf(segment);
    const { id: segmentId, partitionId, rows } = segment;
    return reason === undefined ? [] : [{ segmentId, partitionId, rows, reason }];
  });
  return { taken: segments.filter((segment) => reasonOf(segment) === undefined), skipped };
}

const COMPACTION_TRIES = 50;
const COMPACTION_WAIT_MS = 300;

/** The server lists ids first and looks at each then: one that was compacted in between fails the whole request. */
function waitOutCompaction(error: unknown, tries: number): number | undefined {
  return isMilvusError(error, "segment-not-found") && tries < COMPACTION_TRIES ? COMPACTION_WAIT_MS : undefined;
}

/** By the number of common.SegmentState. */
const STATES: readonly SegmentState[] = [
  "none",
  "not-exist",
  "growing",
  "sealed",
  "flushed",
  "flushing",
  "dropped",
  "importing",
];

const LEVEL_L0 = 1;

function toSegment(info: WireSegment, { l0Segments, segmentLevel }: Capabilities): SegmentInfo {
  const state = STATES[info.state];
  if (state === undefined) throw new MilvusError("other", `Milvus gave the unknown segment state ${info.state}`);
  return {
    id: BigInt(info.segmentID),
    collectionId: BigInt(info.collectionID),
    partitionId: BigInt(info.partitionID),
    rows: BigInt(info.num_rows),
    state,
    isL0: l0Segments && !segmentLevel ? undefined : info.level === LEVEL_L0,
    storageVersion: BigInt(info.storage_version),
  };
}
