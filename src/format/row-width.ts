import type { CollectionSchema, FieldSchema } from "./meta.ts";

/** Of one value, by the number of its schema.DataType; a vector's are of one dimension. */
const FIXED: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 10: 4, 11: 8 };
const VECTOR: Readonly<Record<number, number>> = { 100: 1 / 8, 101: 4, 102: 2, 103: 2, 105: 1 };

/** What text, JSON, arrays and sparse vectors are taken to have, unless they cannot have so much. */
const USUAL = 64;

/** Row id and timestamp. */
const SYSTEM = 16;

/** About how many bytes a row of this schema takes up in its logs, as they are before compression. */
export function aboutRowBytes({ fields, enable_dynamic_field, struct_array_fields = [] }: CollectionSchema): number {
  const all = [...fields, ...struct_array_fields.flatMap((field) => field.fields)];
  const dynamic = enable_dynamic_field ? USUAL : 0;
  return SYSTEM + dynamic + all.reduce((sum, field) => sum + fieldBytes(field), 0);
}

function fieldBytes({ data_type: type, type_params: params = [] }: FieldSchema): number {
  const fixed = FIXED[type];
  if (fixed !== undefined) return fixed;
  const paramOf = (wanted: string): number | undefined => {
    const found = params.find(({ key }) => key === wanted);
    return found && Number(found.value);
  };
  const perDimension = VECTOR[type];
  if (perDimension !== undefined) return Math.ceil(perDimension * (paramOf("dim") ?? 0));
  return Math.min(USUAL, paramOf("max_length") ?? USUAL);
}

/** The logs that a segment of this schema has, deletes aside: one a field, and the two of the system. */
export function logsOfSegment({ fields, enable_dynamic_field, struct_array_fields = [] }: CollectionSchema): number {
  const inner = struct_array_fields.reduce((sum, field) => sum + field.fields.length, 0);
  return 2 + fields.length + inner + (enable_dynamic_field ? 1 : 0);
}
