import { ALL_PARTITIONS, parseId } from "./ids.ts";

/** Where the logs of one kind of a partition lie: of all its segments, or of those of a group. */
export interface LogPlace {
  readonly kind: "insert" | "delta";
  readonly collection: bigint;
  /** -1 for an L0 segment of all partitions. */
  readonly partition: bigint;
  /** A backup's directory between partition and segment; absent or 0: none. Milvus's own storage has no such thing. */
  readonly group?: bigint | undefined;
}

/** An object that holds rows of one field (or column group) of a segment. */
interface InsertLog extends LogPlace {
  readonly kind: "insert";
  readonly segment: bigint;
  readonly field: bigint;
  readonly log: bigint;
}

/** An object that holds deleted keys. */
export interface DeltaLog extends LogPlace {
  readonly kind: "delta";
  readonly segment: bigint;
  readonly log: bigint;
}

export type SegmentLog = InsertLog | DeltaLog;

/** The key in a backup, relative to its directory: `binlogs/insert_log/1/2/3/3/100/4`. */
export function payloadKey(log: SegmentLog): string {
  return `binlogs/${pathOf(log, log.group)}`;
}

/** The directory of a group in a backup, relative to the backup's own, with a slash at its end. */
export function payloadPrefix({ group, ...place }: LogPlace): string {
  return `binlogs/${directoryOf(place, group)}`;
}

/**
 * The key in Milvus's own storage, relative to its root path: `insert_log/1/2/3/100/4`.
 *
 * @public The inverse of parseSourceKey, which tests lay out a Milvus with.
 */
export function sourceKey(log: SegmentLog): string {
  return pathOf(log, 0n);
}

/** Logs of a kind in Milvus's own storage, of a partition or one segment: relative to its root path, a slash at its end. */
export function sourcePrefix({ segment, ...place }: Omit<LogPlace, "group"> & { readonly segment?: bigint }): string {
  const partition = directoryOf(place, 0n);
  return segment === undefined ? partition : `${partition}${toElement(segment)}/`;
}

/** The inverse of payloadKey; undefined for any other key. */
export function parsePayloadKey(key: string): SegmentLog | undefined {
  return key.startsWith("binlogs/") ? parsePath(key.slice("binlogs/".length)) : undefined;
}

/** The inverse of sourceKey; undefined for any other key. */
export function parseSourceKey(key: string): SegmentLog | undefined {
  const log = parsePath(key);
  return log?.group === undefined ? log : undefined;
}

function pathOf(log: SegmentLog, group: bigint | undefined): string {
  const ids = log.kind === "insert" ? [log.segment, log.field, log.log] : [log.segment, log.log];
  return directoryOf(log, group) + ids.map((id) => toElement(id)).join("/");
}

function directoryOf({ kind, collection, partition }: LogPlace, group = 0n): string {
  const place = `${kind}_log/${toElement(collection)}/${toElement(partition, ALL_PARTITIONS)}/`;
  return group === 0n ? place : `${place}${toElement(group)}/`;
}

/** Ids come from files that anybody may have written: what is no id never becomes part of a key. */
function toElement(id: bigint, lowest = 0n): string {
  if (id < lowest || BigInt.asIntN(64, id) !== id) throw new RangeError(`Not an id of Milvus: ${id}`);
  return id.toString();
}

const PLACE = String.raw`(?<collection>\d+)/(?<partition>-1|\d+)/(?:(?<group>[1-9]\d*)/)?(?<segment>\d+)`;
const INSERT_PATH = new RegExp(String.raw`^insert_log/${PLACE}/(?<field>\d+)/(?<log>\d+)$`);
const DELTA_PATH = new RegExp(String.raw`^delta_log/${PLACE}/(?<log>\d+)$`);

function parsePath(path: string): SegmentLog | undefined {
  const insert = INSERT_PATH.exec(path)?.groups;
  if (insert !== undefined) {
    const place = toPlace(insert);
    const field = parseId(insert["field"] ?? "");
    return place === undefined || field === undefined ? undefined : { kind: "insert", ...place, field };
  }
  const place = toPlace(DELTA_PATH.exec(path)?.groups ?? {});
  return place === undefined ? undefined : { kind: "delta", ...place };
}

/** Undefined when one is missing, has a leading zero or more than 64 bits. */
function toPlace(elements: Readonly<Record<string, string>>): Omit<DeltaLog, "kind"> | undefined {
  const names = ["collection", "partition", "segment", "log", "group"] as const;
  const [collection, partition, segment, log, group] = names.map((name) => parseId(elements[name] ?? ""));
  if (collection === undefined || partition === undefined || segment === undefined || log === undefined) {
    return undefined;
  }
  if (elements["group"] === undefined) return { collection, partition, segment, log };
  return group === undefined ? undefined : { collection, partition, group, segment, log };
}
