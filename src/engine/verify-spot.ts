import { readSegmentRows } from "../binlog/segment-rows.ts";
import type { RowField } from "../binlog/segment-rows.ts";
import { storedLog } from "../binlog/stored-log.ts";
import { formatName } from "../core/collection-name.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { formatCount, formatPlural } from "../core/quantities.ts";
import { insertLogsOf } from "../format/insert-logs.ts";
import { keyInBackup } from "../format/keys.ts";
import type { CollectionMeta, SegmentMeta } from "../format/meta.ts";
import { sourceKey } from "../format/payload-keys.ts";
import { segmentObjects } from "../format/segment-objects.ts";
import type { SegmentObject } from "../format/segment-objects.ts";
import { readBackup } from "../format/read-backup.ts";
import { fileOpener } from "../catalog/meta-files.ts";
import { isL0, segmentsOf } from "../format/segments.ts";
import { describeCollection } from "../milvus/describe.ts";
import { isMilvusError } from "../milvus/errors.ts";
import { textOf } from "../milvus/read-rows.ts";
import { listSegments } from "../milvus/segments.ts";
import { groupBySegment } from "./expected-rows.ts";
import type { OpenSource } from "./places.ts";
import { comparableFields, spread } from "./sample-rows.ts";
import { noteDifference } from "./verify-job.ts";
import type { Subject, Verifying } from "./verify-job.ts";

export interface Spotted {
  readonly unproven: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Compares counts and sampled rows with the source. Rows that came and went since the backup are no difference: what is
 * compared are segments that the source still has, and these never change.
 */
export async function verifySpot(check: Verifying, source: OpenSource, subjects: readonly Subject[]): Promise<Spotted> {
  const unproven: string[] = [];
  const notes: string[] = [];
  const { job, target, backup } = check;
  const { collections } = await readBackup(fileOpener(target.storage, backup, { signal: job.run.signal }));
  const byId = new Map(subjects.map((subject) => [subject.id, subject]));
  let done = 0;
  for await (const meta of collections) {
    const subject = byId.get(meta.collection_id.toString());
    if (subject === undefined) continue;
    const name = formatName(subject.name);
    const spot = { check, source, subject, meta };
    if (await isSameCollection(spot)) {
      const { known, rows, total } = await spotCollection(spot);
      const of = `${formatCount(known)} of ${formatPlural(total, "segment")}`;
      notes.push(`${name}: ${of} still at the source, ${formatPlural(rows, "row")} compared field by field`);
      if (known === 0 && total > 0) unproven.push(`${name}: the source has compacted its segments since`);
    } else unproven.push(`${name}: ${source.name} has no collection of this name and id any more`);
    check.progress({ phase: "compare", done: (done += 1), total: subjects.length, unit: "objects" });
  }
  return { unproven, notes };
}

interface Spot {
  readonly check: Verifying;
  readonly source: OpenSource;
  readonly subject: Subject;
  readonly meta: CollectionMeta;
}

async function isSameCollection({ check, source, subject }: Spot): Promise<boolean> {
  const { database, name: collection } = subject.name;
  try {
    const { signal } = check.job.run;
    const { id } = await describeCollection(source.milvus, { database, collection }, { signal });
    return id.toString() === subject.id;
  } catch (error) {
    if (isMilvusError(error, "collection-not-found", "database-not-found")) return false;
    throw error;
  }
}

const SEGMENTS = 4;

interface SpottedSegments {
  /** Segments of the backup that the source still has. */
  readonly known: number;
  readonly total: number;
  /** Compared field by field. */
  readonly rows: number;
}

async function spotCollection(spot: Spot): Promise<SpottedSegments> {
  const { check, source, subject, meta } = spot;
  const { database, name: collection } = subject.name;
  const { signal } = check.job.run;
  const atSource = await listSegments(source.milvus, { database, collection }, { signal });
  const rowsById = new Map(atSource.map(({ id, rows }) => [id, rows]));
  const segments = [...segmentsOf(meta)].filter((segment) => !isL0(segment));
  const known = segments.filter(({ segment_id }) => rowsById.has(segment_id));
  for (const segment of known) compareCount(spot, segment, rowsById.get(segment.segment_id) ?? 0n);
  const objects = groupBySegment(segmentObjects(meta));
  let rows = 0;
  for (const segment of spread(known, SEGMENTS)) {
    await noteDifference(check.damage, subject.name, async () => {
      rows += await compareSample(spot, segment, objects.get(segment.segment_id) ?? []);
    });
  }
  return { known: known.length, total: segments.length, rows };
}

function compareCount({ check, subject }: Spot, { segment_id, num_of_rows = 0n }: SegmentMeta, rows: bigint): void {
  if (rows === num_of_rows) return;
  const [expected, found] = [rows.toString(), num_of_rows.toString()];
  const message = `the source has ${expected} rows in it, the backup ${found}`;
  const segment = segment_id.toString();
  check.damage.add({ kind: "different", collection: subject.name, segment, expected, found, message });
}

/** The first rows of the segment as both have them; how many could be compared. */
async function compareSample(spot: Spot, segment: SegmentMeta, objects: readonly SegmentObject[]): Promise<number> {
  const { check, source, meta, subject } = spot;
  const fields = comparableFields(meta);
  const { signal } = check.job.run;
  const inBackup = { storage: check.target.storage, keyOf: ({ key }: SegmentObject) => keyInBackup(check.backup, key) };
  const inSource = { storage: source.segments, keyOf: ({ log }: SegmentObject) => sourceKey(log) };
  try {
    const expected = await readFirst(inSource, { objects, fields, signal });
    const found = await readFirst(inBackup, { objects, fields, signal });
    const different = expected.findIndex((row, index) => row !== found[index]);
    if (different < 0) return expected.length;
    const message = `its row ${different + 1} is another than at the source`;
    const id = segment.segment_id.toString();
    check.damage.add({ kind: "different", collection: subject.name, segment: id, message });
    return different;
  } catch (error) {
    if (!isStorageError(error, "missing")) throw error;
    return 0; // compacted between the list and the reading
  }
}

interface Place {
  readonly storage: Storage;
  keyOf(object: SegmentObject): string;
}

interface Reading {
  readonly objects: readonly SegmentObject[];
  readonly fields: readonly RowField[];
  readonly signal: AbortSignal;
}

const ROWS = 16;

async function readFirst({ storage, keyOf }: Place, { objects, fields, signal }: Reading): Promise<readonly string[]> {
  const logsOf = ({ id }: RowField) =>
    insertLogsOf(objects, id).map((object) => storedLog(storage, { key: keyOf(object), bytes: object.bytes }));
  const texts: string[] = [];
  for await (const rows of readSegmentRows({ fields, logsOf, signal })) {
    texts.push(...rows.map((row) => fields.map(({ name }) => textOf(row[name])).join("\n")));
    if (texts.length >= ROWS) break;
  }
  return texts.slice(0, ROWS);
}
