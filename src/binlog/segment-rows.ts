import type { Call } from "../core/contracts/storage.ts";
import { readFields } from "./fields.ts";
import type { LogSource } from "./log-source.ts";
import { decoderOf } from "./values.ts";
import type { Value } from "./values.ts";

/** A field of a schema, as far as its values depend on it. The system fields are 0 (row id) and 1 (timestamp). */
export interface RowField {
  readonly id: bigint;
  readonly name: string;
  /** schema.DataType; 5 (Int64) for the system fields. */
  readonly dataType: number;
}

export interface SegmentRowsOptions extends Call {
  readonly fields: readonly RowField[];
  /** The field's insert logs in the order of their log ids as numbers; of storage V2 those of its column group. */
  logsOf(field: RowField): readonly LogSource[];
}

export type Row = Readonly<Record<string, Value>>;

/**
 * The rows of a segment as they were written, deleted ones included, in batches. One log of each field is in memory at
 * a time.
 */
export async function* readSegmentRows(options: SegmentRowsOptions): AsyncGenerator<readonly Row[]> {
  const fields = options.fields.map((field) => ({
    field: { id: field.id, decoder: decoderOf(field.dataType) },
    logs: options.logsOf(field),
  }));
  const names = options.fields.map(({ name }) => name);
  for await (const columns of readFields(fields, { signal: options.signal })) {
    const rows = columns[0]?.length ?? 0;
    // fromEntries, since a field may be called __proto__.
    yield Array.from({ length: rows }, (_, row) =>
      Object.fromEntries(names.map((name, column) => [name, columns[column]?.[row] ?? null])),
    );
  }
}
