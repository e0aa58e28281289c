import { createReadStream } from "node:fs";
import { appendFile, rm } from "node:fs/promises";
import path from "node:path";
import type { FoundObject } from "../core/copy-plan.ts";
import { isBackupError } from "../core/errors.ts";
import type { BackupError } from "../core/errors.ts";
import { splitLines } from "../format/lines.ts";
import type { CollectionMeta, PartitionMeta, SegmentMeta } from "../format/meta.ts";
import { objectsOf } from "../format/segment-objects.ts";
import { createSegmentPlaces } from "../format/segment-places.ts";
import { hasPossibleIds } from "../format/segments.ts";
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
  const places = createSegmentPlaces();
  const tally = createTally();
  let lines: string[] = [];
  const write = async (): Promise<void> => {
    const text = lines.join("");
    lines = [];
    await inScratch(directory, () => appendFile(file, text));
  };
  const addLines = async (segment: SegmentMeta): Promise<void> => {
    for (const line of tally.add(segment)) lines.push(line); // not as arguments: a segment can have more than a call takes
    if (lines.length >= LINES) await write();
  };
  return {
    file,
    addSegment: async (segment) => {
      places.add(segment);
      levels.segments += 1;
      levels.bytes += segment.size;
      levels.rows += segment.num_of_rows ?? 0n;
      await addLines(segment);
    },
    endPartition: (partition) => {
      partitions.push(partition);
      places.endPartition(partition.partition_id);
    },
    end: async (collection) => {
      for (const segment of collection.l0_segments ?? []) await addLines(segment);
      tally.noteFault(() => places.end(collection));
      await write();
      const { counted, fault } = tally;
      return { collection: { ...collection, partition_backups: partitions }, levels, counted, fault: fault() };
    },
  };
}

interface Tally {
  readonly counted: Counted;
  /** The lines of its objects. */
  add(segment: SegmentMeta): readonly string[];
  noteFault(work: () => void): void;
  fault(): BackupError | undefined;
}

function createTally(): Tally {
  const counted = { objects: { insert: 0, delta: 0 }, bytes: 0, segments: 0, rows: 0 };
  let fault: BackupError | undefined;
  const noteFault = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!isBackupError(error)) throw error;
      fault ??= error;
    }
  };
  return {
    counted,
    noteFault,
    fault: () => fault,
    add: (segment) => {
      if (!hasPossibleIds(segment)) return []; // its place is complained of
      const lines: string[] = [];
      noteFault(() => {
        for (const { key, bytes, log } of objectsOf(segment)) {
          lines.push(`${bytes} ${key}\n`);
          counted.objects[log.kind] += 1;
          counted.bytes += bytes;
        }
      });
      counted.segments += 1;
      counted.rows += Number(segment.num_of_rows ?? 0n);
      return lines;
    },
  };
}
