import type { SegmentLog } from "./payload-keys.ts";

/** Of packed segments (storage version 2) keys and timestamps are among the narrow columns. */
const NARROW_COLUMNS = 0n;

/** The system field that every segment has. */
export const TIMESTAMP_FIELD = 1n;

/** A field's insert logs among a segment's objects, in the order of their ids, which is that of their rows. */
export function insertLogsOf<O extends { readonly log: SegmentLog }>(
  objects: readonly O[],
  field: bigint,
): readonly O[] {
  const isIn = ({ log }: O, directory: bigint): boolean => log.kind === "insert" && log.field === directory;
  const directory = objects.some((object) => isIn(object, field)) ? field : NARROW_COLUMNS;
  return objects.filter((object) => isIn(object, directory)).toSorted((a, b) => (a.log.log < b.log.log ? -1 : 1));
}
