import { encodeFrame, encodeMessage } from "./encode-message.ts";
import type { Frame } from "./encode-message.ts";
import { BACKUP, COLLECTION, FULL, LEVEL, PARTITION, SEGMENT } from "./messages.ts";
import type { BackupHead, CollectionMeta, KeyValue, PartitionMeta, SegmentMeta } from "./meta.ts";

/** What a collection adds to each meta file: elements for the frame of that file. */
export interface EncodedCollection {
  /** The one element for full_meta.json, in pieces with nothing between them. */
  readonly full: Iterable<string>;
  /** The one element for collection_meta.json. */
  readonly collection: string;
  /** Elements for partition_meta.json. */
  readonly partitions: readonly string[];
  /** Elements for segment_meta.json: those of partitions, not the L0 segments of all partitions. */
  readonly segments: Iterable<string>;
}

/** A collection as all releases of the Go tool read it; "as-is" adds nothing to what is given. */
export function encodeCollection(
  given: CollectionMeta,
  style: "for-all-releases" | "as-is" = "for-all-releases",
): EncodedCollection {
  const collection = style === "as-is" ? given : forAllReleases(given);
  const partitions = (collection.partition_backups ?? []).map(withoutSegments);
  return {
    full: iterable(() => fullPieces(collection)),
    collection: encodeMessage(COLLECTION, { ...collection, partition_backups: partitions }),
    partitions: partitions.map((partition) => encodeMessage(PARTITION, partition)),
    segments: iterable(() => segmentElements(collection)),
  };
}

/** The text of a meta file around its elements; see Frame for how they are joined. */
export function metaFrame(file: "full" | "collection" | "partition" | "segment", head: BackupHead): Frame {
  return file === "full" ? encodeFrame(FULL, head, "collection_backups") : encodeFrame(LEVEL, {}, "infos");
}

/** The whole of backup_meta.json. */
export function encodeBackupMeta(head: BackupHead): string {
  return encodeMessage(BACKUP, head);
}

/** v0.4.15 takes a collection's name from its schema, releases after v0.5.8 take its properties from there alone. */
function forAllReleases(collection: CollectionMeta): CollectionMeta {
  const { collection_name: name, schema, properties = [] } = collection;
  return { ...collection, schema: { ...schema, name, properties: unionOf(properties, schema.properties ?? []) } };
}

function unionOf(properties: readonly KeyValue[], stronger: readonly KeyValue[]): readonly KeyValue[] {
  const values = new Map([...properties, ...stronger].map(({ key, value }) => [key, value]));
  return [...values].map(([key, value]) => ({ key, value }));
}

function withoutSegments(partition: PartitionMeta): PartitionMeta {
  return { ...partition, segment_backups: [] };
}

function* fullPieces(collection: CollectionMeta): Generator<string> {
  const frame = encodeFrame(COLLECTION, collection, "partition_backups");
  yield* framed(frame, collection.partition_backups ?? [], partitionPieces);
}

function* partitionPieces(partition: PartitionMeta): Generator<string> {
  const frame = encodeFrame(PARTITION, partition, "segment_backups");
  yield* framed(frame, partition.segment_backups ?? [], (segment) => [encodeSegment(segment)]);
}

function* framed<E>(
  frame: Frame,
  elements: readonly E[],
  piecesOf: (element: E) => Iterable<string>,
): Generator<string> {
  for (const [index, element] of elements.entries()) {
    yield index === 0 ? frame.prefix : ",";
    yield* piecesOf(element);
  }
  yield elements.length === 0 ? frame.empty : frame.suffix;
}

function* segmentElements({ partition_backups: partitions = [] }: CollectionMeta): Generator<string> {
  for (const { segment_backups: segments = [] } of partitions) {
    for (const segment of segments) yield encodeSegment(segment);
  }
}

function encodeSegment(segment: SegmentMeta): string {
  return encodeMessage(SEGMENT, segment);
}

/** Something that can be gone through again. */
function iterable<E>(start: () => Iterator<E>): Iterable<E> {
  return { [Symbol.iterator]: start };
}
