/** Small meta objects made by hand. */
import type { CollectionMeta, FieldBinlog, PartitionMeta, SegmentMeta } from "../../src/format/meta.ts";

export function collectionMeta(given: Partial<CollectionMeta> = {}): CollectionMeta {
  return {
    collection_id: 10n,
    db_name: "default",
    collection_name: "book",
    schema: { name: "book", fields: [] },
    size: 0n,
    has_index: false,
    ...given,
  };
}

export function partitionMeta(given: Partial<PartitionMeta> = {}): PartitionMeta {
  return { partition_id: 20n, partition_name: "_default", collection_id: 10n, size: 0n, ...given };
}

/** A segment of one insert log (id: the segment's and 1) with 5 rows. */
export function segmentMeta(id: bigint, given: Partial<SegmentMeta> = {}): SegmentMeta {
  return {
    segment_id: id,
    collection_id: 10n,
    partition_id: 20n,
    num_of_rows: 5n,
    binlogs: [logs(100n, id * 10n + 1n)],
    size: 8n,
    ...given,
  };
}

export function logs(field: bigint, id: bigint): FieldBinlog {
  return { fieldID: field, binlogs: [{ log_size: 8n, log_id: id }] };
}
