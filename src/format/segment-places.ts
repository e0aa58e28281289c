import { damagedMeta } from "./damaged.ts";
import { ALL_PARTITIONS } from "./ids.ts";
import type { CollectionMeta, SegmentMeta } from "./meta.ts";
import { checkPlace } from "./segments.ts";

/** Ids that a key can be made of. */
export function hasPossibleIds({ collection_id, partition_id, segment_id, group_id = 0n }: SegmentMeta): boolean {
  return [collection_id, segment_id, group_id].every((id) => id >= 0n) && partition_id >= ALL_PARTITIONS;
}

/** Where the segments of a collection claim to be, which can be judged only behind them. */
export interface SegmentPlaces {
  add(segment: SegmentMeta): void;
  /** Those since the last one stand in it. */
  endPartition(partition: bigint): void;
  /** Throws a BackupError "damaged" where one claims another place than it stands in, or is there twice. */
  end(collection: CollectionMeta): void;
}

export function createSegmentPlaces(): SegmentPlaces {
  const ids = new Set<bigint>();
  const claims = new Map<string, SegmentMeta>();
  const ended: { readonly partition: bigint; readonly claims: readonly SegmentMeta[] }[] = [];
  let twice: bigint | undefined;
  const add = (segment: SegmentMeta): void => {
    if (ids.has(segment.segment_id)) twice ??= segment.segment_id;
    ids.add(segment.segment_id);
    const { collection_id, partition_id } = segment;
    const key = hasPossibleIds(segment) ? `${collection_id}/${partition_id}` : "impossible";
    if (!claims.has(key)) claims.set(key, segment);
  };
  const endPartition = (partition: bigint): void => {
    ended.push({ partition, claims: [...claims.values()] });
    claims.clear();
  };
  return {
    add,
    endPartition,
    end: ({ collection_id: collection, l0_segments = [] }) => {
      for (const segment of l0_segments) add(segment);
      endPartition(ALL_PARTITIONS);
      for (const { partition, claims: own } of ended) {
        for (const segment of own) checkPlace(segment, { collection, partition });
      }
      if (twice !== undefined) throw damagedMeta(`collection ${collection} has the segment ${twice} twice`);
    },
  };
}
