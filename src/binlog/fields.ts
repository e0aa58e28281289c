import type { Call } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { readField } from "./column.ts";
import type { Field } from "./column.ts";
import { damagedLog } from "./log-source.ts";
import type { LogSource } from "./log-source.ts";

/** A field of a segment with its logs, in the order of their log ids as numbers. */
export interface FieldLogs<T> {
  readonly field: Field<T>;
  readonly logs: readonly LogSource[];
}

/** A batch of values for each column, of the same rows. */
type AlignedBatch<T> = readonly (readonly T[])[];

/**
 * Reads several fields of a segment side by side: the first log of each holds the same rows, then the second. One log
 * of each field is in memory at a time.
 */
export async function* readFields<T>(
  fields: readonly FieldLogs<T>[],
  call: Call = {},
): AsyncGenerator<AlignedBatch<T | null>> {
  const counts = fields.map(({ logs }) => logs.length);
  if (new Set(counts).size > 1) throw unequalLogs(fields);
  for (let index = 0; index < (counts[0] ?? 0); index++) {
    const columns = fields.flatMap(({ field, logs }) =>
      logs.slice(index, index + 1).map((source) => ({ source, batches: readField(source, field, call) })),
    );
    yield* alignColumns(columns);
  }
}

interface ColumnBatches<T> {
  readonly source: LogSource;
  readonly batches: AsyncIterator<readonly T[]>;
}

/** Columns of the same rows, whose pages end at different rows, in batches that end at the same ones. */
export async function* alignColumns<T>(columns: readonly ColumnBatches<T>[]): AsyncGenerator<AlignedBatch<T>> {
  let batches = await refill(columns, []);
  for (;;) {
    const rows = Math.min(...batches.map((batch) => batch.length));
    if (rows === 0) break;
    yield batches.map((batch) => batch.slice(0, rows));
    batches = await refill(
      columns,
      batches.map((batch) => batch.slice(rows)),
    );
  }
  const longer = columns.find((_, index) => (batches[index]?.length ?? 0) > 0);
  const shorter = columns.find((_, index) => batches[index]?.length === 0);
  if (longer === undefined || shorter === undefined) return;
  throw damagedLog(shorter.source, shorter.source.bytes, `it has fewer rows than "${longer.source.name}"`);
}

async function refill<T>(columns: readonly ColumnBatches<T>[], batches: AlignedBatch<T>): Promise<AlignedBatch<T>> {
  const filled: (readonly T[])[] = [];
  for (const [index, column] of columns.entries()) {
    const left = batches[index] ?? [];
    const next = left.length > 0 ? undefined : await column.batches.next();
    filled.push(next === undefined || next.done === true ? left : next.value);
  }
  return filled;
}

function unequalLogs<T>(fields: readonly FieldLogs<T>[]): BackupError {
  const counts = fields.map(({ field, logs }) => `field ${field.id} has ${logs.length}`).join(", ");
  const logs = fields.map((field) => field.logs.map(({ name }) => name));
  return new BackupError("damaged", `Cannot read the rows of a segment, whose fields differ in logs: ${counts}`, {
    facts: { logs },
  });
}
