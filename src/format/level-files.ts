import { damaged } from "./damaged.ts";
import { META_KEYS } from "./keys.ts";
import { readLevel } from "./meta-files.ts";
import type { OpenFile } from "./meta-files.ts";
import { COLLECTION, PARTITION, SEGMENT } from "./messages.ts";
import type { CollectionMeta, PartitionMeta, SegmentMeta } from "./meta.ts";

/** What three of the level files hold, joined as the Go tool joins them; sizes are sums over segments. */
export interface JoinedLevels {
  readonly size: bigint;
  /** Without the L0 segments of all partitions, but for backups of v0.4.15, whose collection_meta.json has them. */
  readonly collections: AsyncIterable<CollectionMeta>;
}

/** Holds all partitions and segments at once: only old and half-written backups have no full_meta.json. */
export async function joinLevels(open: OpenFile): Promise<JoinedLevels> {
  const partitions = await readPartitions(open);
  const all = [...partitions.values()].flat();
  return {
    size: sumOf(all),
    collections: { [Symbol.asyncIterator]: () => readCollections(open, partitions) },
  };
}

async function* readCollections(open: OpenFile, partitions: PartitionsByCollection): AsyncGenerator<CollectionMeta> {
  const left = new Map(partitions);
  for await (const collection of readLevel(open, META_KEYS.collection, COLLECTION)) {
    const own = left.get(collection.collection_id) ?? [];
    left.delete(collection.collection_id);
    yield { ...collection, partition_backups: own, size: sumOf(own) };
  }
  for (const id of left.keys()) {
    throw damaged({ file: META_KEYS.partition }, `collection ${id} is not in ${META_KEYS.collection}`);
  }
}

type PartitionsByCollection = ReadonlyMap<bigint, readonly PartitionMeta[]>;

async function readPartitions(open: OpenFile): Promise<PartitionsByCollection> {
  const segments = await readSegments(open);
  const partitions = new Map<bigint, PartitionMeta[]>();
  for await (const partition of readLevel(open, META_KEYS.partition, PARTITION)) {
    const own = segments.get(placeOf(partition)) ?? [];
    segments.delete(placeOf(partition));
    const whole = { ...partition, segment_backups: own, size: sumOf(own) };
    push(partitions, partition.collection_id, whole);
  }
  for (const place of segments.keys()) {
    throw damaged({ file: META_KEYS.segment }, `partition ${place} is not in ${META_KEYS.partition}`);
  }
  return partitions;
}

async function readSegments(open: OpenFile): Promise<Map<string, SegmentMeta[]>> {
  const segments = new Map<string, SegmentMeta[]>();
  for await (const segment of readLevel(open, META_KEYS.segment, SEGMENT)) push(segments, placeOf(segment), segment);
  return segments;
}

function placeOf(item: { readonly collection_id: bigint; readonly partition_id: bigint }): string {
  return `${item.collection_id}/${item.partition_id}`;
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function sumOf(items: readonly { readonly size: bigint }[]): bigint {
  return items.reduce((sum, { size }) => sum + size, 0n);
}
