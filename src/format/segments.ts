import { damagedMeta } from "./damaged.ts";
import { ALL_PARTITIONS } from "./ids.ts";
import type { CollectionMeta, FieldBinlog, SegmentMeta } from "./meta.ts";

/**
 * All segments of a collection: of its partitions in their order, then the L0 segments of all partitions. Throws when
 * one claims another collection or partition than it stands in, whose files would be another's.
 */
export function* segmentsOf({
  collection_id: collection,
  partition_backups = [],
  l0_segments = [],
}: CollectionMeta): Generator<SegmentMeta> {
  for (const { partition_id: partition, segment_backups = [] } of partition_backups) {
    for (const segment of segment_backups) yield checkPlace(segment, { collection, partition });
  }
  for (const segment of l0_segments) yield checkPlace(segment, { collection, partition: ALL_PARTITIONS });
}

/** Whether it is there for deletes only. Unmarked ones (before v0.4.15) have neither rows nor insert logs. */
export function isL0(segment: SegmentMeta): boolean {
  const { is_l0 = false, partition_id, num_of_rows = 0n } = segment;
  const hasDeletesOnly = num_of_rows === 0n && !hasInsertLogs(segment) && hasDeltaLogs(segment);
  return is_l0 || partition_id === ALL_PARTITIONS || hasDeletesOnly;
}

export function hasInsertLogs({ binlogs = [] }: SegmentMeta): boolean {
  return hasLogs(binlogs);
}

export function hasDeltaLogs({ deltalogs = [] }: SegmentMeta): boolean {
  return hasLogs(deltalogs);
}

function hasLogs(fields: readonly FieldBinlog[]): boolean {
  return fields.some(({ binlogs = [] }) => binlogs.length > 0);
}

/** What a segment says of its place. */
export type SegmentClaim = Pick<SegmentMeta, "segment_id" | "collection_id" | "partition_id" | "group_id">;

/** Throws where a segment claims another place than it stands in, or one that there is not. */
export function checkPlace<Segment extends SegmentClaim>(
  segment: Segment,
  place: { readonly collection: bigint; readonly partition: bigint },
): Segment {
  const { segment_id, collection_id, partition_id } = segment;
  const name = `segment ${segment_id} of ${place.collection}/${place.partition}`;
  if (collection_id !== place.collection || partition_id !== place.partition) {
    throw damagedMeta(`${name} says that it belongs to ${collection_id}/${partition_id}`);
  }
  if (!hasPossibleIds(segment)) throw damagedMeta(`${name} has a negative id`);
  return segment;
}

/** Ids that a key can be made of. */
export function hasPossibleIds({ collection_id, partition_id, segment_id, group_id = 0n }: SegmentClaim): boolean {
  return [collection_id, segment_id, group_id].every((id) => id >= 0n) && partition_id >= ALL_PARTITIONS;
}
