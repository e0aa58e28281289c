import { damagedMeta } from "./damaged.ts";
import { ALL_PARTITIONS } from "./ids.ts";
import type { CollectionMeta } from "./meta.ts";
import { checkPlace, hasPossibleIds } from "./segments.ts";
import type { SegmentClaim } from "./segments.ts";

/** Where the segments of a collection claim to be, which can be judged only behind them. */
export interface SegmentPlaces {
  add(segment: SegmentClaim): void;
  /** Those since the last one stand in it. */
  endPartition(partition: bigint): void;
  /** Throws a BackupError "damaged" where one claims another place than it stands in, or is there twice. */
  end(collection: CollectionMeta): void;
}

export function createSegmentPlaces(): SegmentPlaces {
  const ids = new Set<bigint>();
  const claims = new Map<string, SegmentClaim>();
  const ended: { readonly partition: bigint; readonly claims: readonly SegmentClaim[] }[] = [];
  let twice: bigint | undefined;
  const add = ({ segment_id, collection_id, partition_id, group_id }: SegmentClaim): void => {
    if (ids.has(segment_id)) twice ??= segment_id;
    ids.add(segment_id);
    const group = group_id === undefined ? {} : { group_id };
    const claim = { segment_id, collection_id, partition_id, ...group }; // without its logs, which may be many
    const key = hasPossibleIds(claim) ? `${collection_id}/${partition_id}` : "impossible";
    if (!claims.has(key)) claims.set(key, claim);
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
