import { damagedMeta } from "./damaged.ts";
import type { CollectionMeta, SegmentMeta } from "./meta.ts";
import { payloadPrefix } from "./payload-keys.ts";
import { hasDeltaLogs, hasInsertLogs, isL0, segmentsOf } from "./segments.ts";

/** What one import takes: directories relative to the backup's own, with a slash at the end. */
export type ImportUnit = RowsUnit | DeletesUnit;

/** The segments of one group, or all of a partition where backups had no groups. */
export interface RowsUnit {
  readonly kind: "rows";
  readonly partitionId: bigint;
  readonly partitionName: string;
  readonly insertPrefix: string;
  /** Absent when no segment has deletes: then there is no such directory. */
  readonly deltaPrefix?: string | undefined;
  readonly segments: readonly bigint[];
  /** Rows written, the deleted ones included. */
  readonly rows: bigint;
  /** 0 and 1: binlogs by field; 2 and 3: parquet by column group. */
  readonly storageVersion: bigint;
}

/** An L0 segment: deletes for rows of other segments, so it is imported after them. */
interface DeletesUnit {
  readonly kind: "deletes";
  readonly partitionId: bigint;
  /** Absent: of all partitions. */
  readonly partitionName?: string | undefined;
  readonly deltaPrefix: string;
  readonly segments: readonly bigint[];
  readonly storageVersion: bigint;
}

/**
 * The imports that restore a collection, in their order: rows of every partition, deletes of partitions, deletes of
 * all. No directory is there twice: groups that several segments share (before v0.4.4) are imported once.
 */
export function importUnits(collection: CollectionMeta): readonly ImportUnit[] {
  const names = new Map(
    collection.partition_backups?.map(({ partition_id, partition_name }) => [partition_id, partition_name]),
  );
  const segments = [...segmentsOf(collection)];
  const withRows = segments.filter((segment) => !isL0(segment) && holdsRows(segment));
  const withDeletes = segments.filter((segment) => isL0(segment) && hasDeltaLogs(segment));
  refuseMixture(withRows);
  return [
    ...groupBy(withRows, (segment) => prefixOf("insert", segment)).map((group) => toRowsUnit(group, names)),
    ...groupBy(withDeletes, (segment) => prefixOf("delta", segment)).map((group) => toDeletesUnit(group, names)),
  ];
}

type Group = readonly [SegmentMeta, ...SegmentMeta[]];
type Names = ReadonlyMap<bigint, string>;

function toRowsUnit(group: Group, names: Names): RowsUnit {
  const [first] = group;
  const [storageVersion, other] = new Set(group.map(({ storage_version = 0n }) => storage_version));
  const insertPrefix = prefixOf("insert", first);
  if (other !== undefined) {
    throw damagedMeta(`${insertPrefix} mixes the storage versions ${storageVersion} and ${other}`);
  }
  return {
    kind: "rows",
    partitionId: first.partition_id,
    partitionName: names.get(first.partition_id) ?? "",
    insertPrefix,
    ...(group.some(hasDeltaLogs) ? { deltaPrefix: prefixOf("delta", first) } : {}),
    segments: group.map(({ segment_id }) => segment_id),
    rows: group.reduce((sum, { num_of_rows = 0n }) => sum + num_of_rows, 0n),
    storageVersion: storageVersion ?? 0n,
  };
}

function toDeletesUnit(group: Group, names: Names): DeletesUnit {
  const [first] = group;
  const name = names.get(first.partition_id);
  return {
    kind: "deletes",
    partitionId: first.partition_id,
    ...(name === undefined ? {} : { partitionName: name }),
    deltaPrefix: prefixOf("delta", first),
    segments: group.map(({ segment_id }) => segment_id),
    storageVersion: first.storage_version ?? 0n,
  };
}

function prefixOf(kind: "insert" | "delta", segment: SegmentMeta): string {
  const { collection_id: collection, partition_id: partition, segment_id, group_id = 0n } = segment;
  const group = isL0(segment) && group_id === 0n ? segment_id : group_id; // an L0 segment has a directory of its own
  return payloadPrefix({ kind, collection, partition, group });
}

/** A segment without files has nothing to import, if it has no rows either. */
function holdsRows(segment: SegmentMeta): boolean {
  if (hasInsertLogs(segment)) return true;
  const { segment_id, num_of_rows: rows = 0n } = segment;
  if (rows !== 0n) throw damagedMeta(`segment ${segment_id} has ${rows} rows and no insert logs`);
  return false;
}

/** The directory of segments without a group holds those of the groups beside them: importing it would double their rows. */
function refuseMixture(segments: readonly SegmentMeta[]): void {
  const isGrouped = new Map<bigint, boolean>();
  for (const { partition_id: partition, group_id = 0n } of segments) {
    const isMixed = (isGrouped.get(partition) ?? group_id !== 0n) !== (group_id !== 0n);
    if (isMixed) throw damagedMeta(`partition ${partition} has segments with and without a group`);
    isGrouped.set(partition, group_id !== 0n);
  }
}

function groupBy(segments: readonly SegmentMeta[], keyOf: (segment: SegmentMeta) => string): readonly Group[] {
  const groups = new Map<string, [SegmentMeta, ...SegmentMeta[]]>();
  for (const segment of segments) {
    const group = groups.get(keyOf(segment));
    if (group === undefined) groups.set(keyOf(segment), [segment]);
    else group.push(segment);
  }
  return [...groups.values()];
}
