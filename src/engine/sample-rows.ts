import type { RowField } from "../binlog/segment-rows.ts";
import type { CollectionMeta } from "../format/meta.ts";
import { textOf } from "../milvus/read-rows.ts";
import type { BackupRows } from "./backup-rows.ts";

/** A row as a text for each field that can be compared. */
export interface SampleRow {
  readonly key: bigint | string;
  readonly texts: ReadonlyMap<string, string>;
  /** Of the fields that are float vectors. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

const SEGMENTS = 8;
const ROWS_A_SEGMENT = 8;

/** schema.DataType of what the logs and the server give in the same form. */
const COMPARABLE: ReadonlySet<number> = new Set([
  1, 2, 3, 4, 5, 10, 11, 20, 21, 22, 23, 25, 100, 101, 102, 103, 104, 105,
]);

export function comparableFields({ schema }: CollectionMeta): readonly RowField[] {
  return schema.fields
    .filter(({ data_type, is_function_output }) => COMPARABLE.has(data_type) && is_function_output !== true)
    .map(({ fieldID: id, name, data_type: dataType }) => ({ id, name, dataType }));
}

/** A few live rows out of a few segments, spread over all of them. */
export async function sampleRows(rows: BackupRows, fields: readonly RowField[]): Promise<readonly SampleRow[]> {
  const sample: SampleRow[] = [];
  for (const segment of spread(rows.segments, SEGMENTS)) {
    for await (const live of rows.live(segment, fields)) {
      for (const { key, values } of spread(live, ROWS_A_SEGMENT)) {
        const entries = fields.map(({ name }) => [name, values[name] ?? null] as const);
        const vectors = entries.flatMap(([name, value]) =>
          value instanceof Float32Array ? [[name, value] as const] : [],
        );
        sample.push({
          key,
          texts: new Map(entries.map(([name, value]) => [name, textOf(value)])),
          vectors: new Map(vectors),
        });
      }
      if (live.length > 0) break;
    }
  }
  return sample;
}

/** At most so many of them, at equal distances. */
export function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)]).flatMap(
    (item) => item ?? [],
  );
}
