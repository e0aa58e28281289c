import { BackupError, isBackupError } from "../core/errors.ts";
import type { CollectionMeta } from "../format/meta.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { pollUntil } from "../io/poll-until.ts";
import { partitionRowCount } from "../milvus/rows.ts";
import type { CollectionRef } from "../milvus/types.ts";
import type { ExpectedRows } from "./expected-rows.ts";
import type { RestoreJob } from "./restore-job.ts";

/** Rows that Milvus reports, by the partition's name. */
export type PartitionRows = ReadonlyMap<string, number>;

const REQUESTS_AT_ONCE = 8;

export async function countPartitions(
  job: RestoreJob,
  into: CollectionRef,
  meta: CollectionMeta,
): Promise<PartitionRows> {
  const { run, source } = job;
  const counts = new Map<string, number>();
  const names = (meta.partition_backups ?? []).map(({ partition_name }) => partition_name);
  await forEachConcurrent(names, { concurrency: REQUESTS_AT_ONCE, signal: run.signal }, async (partition) => {
    counts.set(
      partition,
      Number(await partitionRowCount(source.milvus, { ...into, partition }, { signal: run.signal })),
    );
  });
  return counts;
}

export interface Comparison {
  readonly into: CollectionRef;
  readonly meta: CollectionMeta;
  readonly expected: ExpectedRows;
  /** What was there before, for rows that were appended. */
  readonly before: PartitionRows;
}

export interface PartitionDifference {
  readonly partition: string;
  readonly expected: number;
  readonly found: number;
}

/** What becomes of a collection whose rows differ. */
export const DIFFERENCE_HINT =
  "a new collection stays for inspection, drop it before you restore it again; one that was to replace another is gone";

/** How long Milvus may take to count rows that an import has just completed. */
const SETTLE_MS = 30_000;

/** Rows found in all; a BackupError "damaged" with the numbers when a partition has others than the backup. */
export async function compareRows(job: RestoreJob, comparison: Comparison): Promise<number> {
  const { into, meta, before } = comparison;
  const clock = job.source.milvus.clock;
  const deadline = clock.now() + SETTLE_MS;
  const check = async (): Promise<PartitionRows | undefined> => {
    const rows = await countPartitions(job, into, meta);
    return differences(job, comparison, rows).length === 0 || clock.now() >= deadline ? rows : undefined;
  };
  const what = `the row counts of ${into.database}.${into.collection}`;
  const found = await pollUntil(check, { what, intervalMs: 500, signal: job.run.signal, clock });
  const different = differences(job, comparison, found);
  const rows = sum(found) - sum(before);
  if (different.length > 0) throw rowsDiffer(into, different, rows);
  return rows;
}

/**
 * Milvus 2.3 applies deletes while it imports, so it must report exactly the live rows; later releases count rows that
 * a delete log hides as well, and report something between the live rows and all of them.
 */
function differences(
  job: RestoreJob,
  { meta, expected, before }: Comparison,
  rows: PartitionRows,
): readonly PartitionDifference[] {
  const isExact = !job.source.milvus.capabilities.importV2;
  return (meta.partition_backups ?? []).flatMap(({ partition_id, partition_name: partition }) => {
    const { live, rows: written } = expected.get(partition_id) ?? { live: 0, rows: 0 };
    const found = (rows.get(partition) ?? 0) - (before.get(partition) ?? 0);
    const isRight = isExact ? found === live : found >= live && found <= written;
    return isRight ? [] : [{ partition, expected: live, found }];
  });
}

function rowsDiffer(
  { database, collection }: CollectionRef,
  different: readonly PartitionDifference[],
  rowsFound: number,
): BackupError {
  const shown = different
    .slice(0, 5)
    .map(({ partition, expected, found }) => `${partition}: ${found} rows, not ${expected}`);
  return new BackupError(
    "damaged",
    `The rows of ${database}.${collection} are not those of the backup: ${shown.join(", ")}`,
    {
      hint: DIFFERENCE_HINT,
      facts: { partitions: different, rowsFound },
    },
  );
}

/** Whether the rows were compared and are not the backup's; what is damaged otherwise never came to a comparison. */
export function isRowDifference(error: unknown): boolean {
  return rowsFoundBy(error) !== undefined;
}

/** How many rows were found where they were compared and are not the backup's. */
export function rowsFoundBy(error: unknown): number | undefined {
  const found = isBackupError(error) ? error.facts["rowsFound"] : undefined;
  return typeof found === "number" ? found : undefined;
}

function sum(rows: PartitionRows): number {
  return [...rows.values()].reduce((total, count) => total + count, 0);
}
