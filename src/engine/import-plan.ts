import type { ImportUnit, RowsUnit } from "../format/import-units.ts";
import { importUnits } from "../format/import-units.ts";
import type { CollectionMeta } from "../format/meta.ts";
import { segmentObjects } from "../format/segment-objects.ts";
import type { ImportRequest } from "../milvus/import.ts";
import type { SegmentObject } from "../format/segment-objects.ts";

/** One import that Milvus is asked for. Directories are as Milvus names them, with a slash at their ends. */
export interface ImportTask {
  /** "" for deletes of all partitions. */
  readonly partition: string;
  readonly data: ImportRequest["data"];
  /** Rows written, the deleted ones included; 0 for deletes. */
  readonly rows: number;
}

export interface StagedObject {
  /** Relative to the backup's directory. */
  readonly sourceKey: string;
  /** Relative to the temporary prefix. */
  readonly key: string;
  readonly bytes: number;
}

export interface ImportPlan {
  readonly tasks: readonly ImportTask[];
  /** What must be copied before; empty for an import in place. */
  readonly objects: readonly StagedObject[];
}

/** The imports of a collection that Milvus reads in the backup, whose directory it knows by this name. */
export function planImportInPlace(collection: CollectionMeta, directory: string): ImportPlan {
  return { tasks: importUnits(collection).map((unit) => toTask(unit, directory)), objects: [] };
}

/** How much one task may bring: Milvus 2.3 gives a task 900 s, 2.4 and later 1024 files; both stay far below. */
const MAX_TASK_BYTES = 2 * 1024 ** 3;
const MAX_TASK_SEGMENTS = 256;

/**
 * The imports of a collection whose files are copied first, to `directory`: several segments of a partition are laid
 * side by side and imported as one task, because before Milvus 2.4 every task takes two seconds, however small.
 */
export function planStagedImport(collection: CollectionMeta, directory: string): ImportPlan {
  const sizes = new Map<bigint, number>();
  const objects = [...segmentObjects(collection)];
  for (const { log, bytes } of objects) sizes.set(log.segment, (sizes.get(log.segment) ?? 0) + bytes);
  const chunks = importUnits(collection).reduce(addUnit(sizes), [] as readonly Chunk[]);
  const chunkOf = new Map(
    chunks.flatMap(({ unit }, index) => unit.segments.map((segment) => [segment, index] as const)),
  );
  return {
    tasks: chunks.map(({ unit }, index) => toTask(stagedUnit(unit, index), directory)),
    objects: objects.flatMap((object) => {
      const chunk = chunkOf.get(object.log.segment);
      return chunk === undefined ? [] : [{ sourceKey: object.key, key: stagedKey(object, chunk), bytes: object.bytes }];
    }),
  };
}

interface Chunk {
  readonly unit: ImportUnit;
  readonly bytes: number;
}

/** Joins a unit to the last chunk where both bring rows of one partition and version, and there is room. */
function addUnit(sizes: ReadonlyMap<bigint, number>) {
  return (chunks: readonly Chunk[], unit: ImportUnit): readonly Chunk[] => {
    const bytes = unit.segments.reduce((sum, segment) => sum + (sizes.get(segment) ?? 0), 0);
    const last = chunks.at(-1);
    if (last === undefined || !fits(last, { unit, bytes })) return [...chunks, { unit, bytes }];
    return [...chunks.slice(0, -1), { unit: join(last.unit as RowsUnit, unit as RowsUnit), bytes: last.bytes + bytes }]; // fits() saw both are rows
  };
}

function fits(last: Chunk, next: Chunk): boolean {
  const isAlike =
    last.unit.kind === "rows" &&
    next.unit.kind === "rows" &&
    last.unit.partitionId === next.unit.partitionId &&
    last.unit.storageVersion === next.unit.storageVersion;
  const segments = last.unit.segments.length + next.unit.segments.length;
  return isAlike && segments <= MAX_TASK_SEGMENTS && last.bytes + next.bytes <= MAX_TASK_BYTES;
}

function join(last: RowsUnit, next: RowsUnit): RowsUnit {
  return {
    ...last,
    segments: [...last.segments, ...next.segments],
    rows: last.rows + next.rows,
    deltaPrefix: last.deltaPrefix ?? next.deltaPrefix,
  };
}

/** The same unit with its directories in the temporary place: insert_log/{chunk}/{segment}/{field}/{log}. */
function stagedUnit(unit: ImportUnit, chunk: number): ImportUnit {
  const deltaPrefix = `delta_log/${chunk}/`;
  if (unit.kind === "deletes") return { ...unit, deltaPrefix };
  return { ...unit, insertPrefix: `insert_log/${chunk}/`, deltaPrefix: unit.deltaPrefix && deltaPrefix };
}

function stagedKey({ log }: SegmentObject, chunk: number): string {
  const field = log.kind === "insert" ? `${log.field}/` : "";
  return `${log.kind}_log/${chunk}/${log.segment}/${field}${log.log}`;
}

function toTask(unit: ImportUnit, directory: string): ImportTask {
  const inMilvus = (prefix: string): string => (directory === "" ? prefix : `${directory}/${prefix}`);
  if (unit.kind === "deletes") {
    return {
      partition: unit.partitionName ?? "",
      data: { kind: "l0", deltaDirectory: inMilvus(unit.deltaPrefix) },
      rows: 0,
    };
  }
  const { insertPrefix, deltaPrefix, storageVersion, rows } = unit;
  return {
    partition: unit.partitionName,
    data: {
      kind: "segments",
      insertDirectory: inMilvus(insertPrefix),
      deltaDirectory: deltaPrefix && inMilvus(deltaPrefix),
      storageVersion,
    },
    rows: Number(rows),
  };
}
