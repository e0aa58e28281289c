import { createReadStream } from "node:fs";
import { appendFile, rm } from "node:fs/promises";
import path from "node:path";
import type { FoundObject } from "../core/copy-plan.ts";
import { isBackupError } from "../core/errors.ts";
import type { BackupError } from "../core/errors.ts";
import { damagedMeta } from "../format/damaged.ts";
import { ALL_PARTITIONS } from "../format/ids.ts";
import { splitLines } from "../format/lines.ts";
import type { CollectionMeta, PartitionMeta, SegmentMeta } from "../format/meta.ts";
import { objectsOf } from "../format/segment-objects.ts";
import { checkPlace } from "../format/segments.ts";
import type { MetaPiece } from "../format/split-collections.ts";
import { inScratch, makeScratch } from "./scratch.ts";

/** What the meta files name of a collection, as it was read on the way. */
export interface SpooledCollection {
  /** With partitions that have no segments; the L0 segments of all partitions are in it. */
  readonly collection: CollectionMeta;
  /** Of its partitions. */
  readonly levels: { readonly segments: number; readonly bytes: bigint; readonly rows: bigint };
  /** Of its partitions and the L0 segments of all. */
  readonly counted: Counted;
  /** What no Milvus has; the first of it. */
  readonly fault: BackupError | undefined;
}

export interface Counted {
  readonly objects: { readonly insert: number; readonly delta: number };
  readonly bytes: number;
  readonly segments: number;
  readonly rows: number;
}

/** The objects that a backup's meta files name, a line each on this machine's disk, so that memory holds a segment at a time. */
export interface ObjectSpool extends AsyncDisposable {
  read(pieces: AsyncIterable<MetaPiece>): AsyncGenerator<SpooledCollection>;
  /** Of a collection that was read, by its decimal id. */
  objects(collectionId: string): AsyncGenerator<FoundObject>;
}

export async function openObjectSpool(runId: string): Promise<ObjectSpool> {
  const directory = await makeScratch(runId);
  const files = new Map<string, string>();
  let count = 0;
  return {
    async *read(pieces) {
      let open = openCollection(directory, (count += 1));
      for await (const piece of pieces) {
        if (piece.kind === "segment") await open.addSegment(piece.segment);
        if (piece.kind === "partition") open.endPartition(piece.partition);
        if (piece.kind !== "collection") continue;
        const ended = await open.end(piece.collection);
        files.set(piece.collection.collection_id.toString(), open.file);
        yield ended;
        open = openCollection(directory, (count += 1));
      }
    },
    async *objects(collectionId) {
      const file = files.get(collectionId);
      if (file === undefined) throw new RangeError(`Not a collection that was read: ${collectionId}`);
      for await (const { text } of splitLines(createReadStream(file), file)) {
        const [bytes = "", key = ""] = text.split(" ");
        yield { key, bytes: Number(bytes) };
      }
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** So many lines are written at once. */
const LINES = 5000;

interface OpenCollection {
  readonly file: string;
  addSegment(segment: SegmentMeta): Promise<void>;
  /** The segments since the last one are its own. */
  endPartition(partition: PartitionMeta): void;
  end(collection: CollectionMeta): Promise<SpooledCollection>;
}

function openCollection(directory: string, number: number): OpenCollection {
  const file = path.join(directory, `${number}.txt`);
  const partitions: PartitionMeta[] = [];
  const levels = { segments: 0, bytes: 0n, rows: 0n };
  const counted = { objects: { insert: 0, delta: 0 }, bytes: 0, segments: 0, rows: 0 };
  const places = createPlaces();
  let lines: string[] = [];
  let fault: BackupError | undefined;
  const write = async (): Promise<void> => {
    const text = lines.join("");
    lines = [];
    await inScratch(directory, () => appendFile(file, text));
  };
  const noteFault = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!isBackupError(error)) throw error;
      fault ??= error;
    }
  };
  const add = (segment: SegmentMeta): void =>
    noteFault(() => {
      if (!isPossible(segment)) return; // places complain of it
      for (const { key, bytes, log } of objectsOf(segment)) {
        lines.push(`${bytes} ${key}\n`);
        counted.objects[log.kind] += 1;
        counted.bytes += bytes;
      }
      counted.segments += 1;
      counted.rows += Number(segment.num_of_rows ?? 0n);
    });
  return {
    file,
    addSegment: async (segment) => {
      places.add(segment);
      add(segment);
      levels.segments += 1;
      levels.bytes += segment.size;
      levels.rows += segment.num_of_rows ?? 0n;
      if (lines.length >= LINES) await write();
    },
    endPartition: (partition) => {
      partitions.push(partition);
      places.endPartition(partition.partition_id);
    },
    end: async (collection) => {
      const ofAll = collection.l0_segments ?? [];
      for (const segment of ofAll) add(segment);
      noteFault(() => places.end(collection));
      await write();
      return { collection: { ...collection, partition_backups: partitions }, levels, counted, fault };
    },
  };
}

/** Ids that a key can be made of. */
function isPossible({ collection_id, partition_id, segment_id, group_id = 0n }: SegmentMeta): boolean {
  return [collection_id, segment_id, group_id].every((id) => id >= 0n) && partition_id >= ALL_PARTITIONS;
}

/** Where segments claim to be, which is known to be right only behind them. */
function createPlaces(): {
  add(segment: SegmentMeta): void;
  endPartition(partition: bigint): void;
  end(collection: CollectionMeta): void;
} {
  const ids = new Set<bigint>();
  const claims = new Map<string, SegmentMeta>();
  const ended: { readonly partition: bigint; readonly claims: readonly SegmentMeta[] }[] = [];
  let twice: bigint | undefined;
  const add = (segment: SegmentMeta): void => {
    if (ids.has(segment.segment_id)) twice ??= segment.segment_id;
    ids.add(segment.segment_id);
    const { collection_id, partition_id } = segment;
    const key = isPossible(segment) ? `${collection_id}/${partition_id}` : "impossible";
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
