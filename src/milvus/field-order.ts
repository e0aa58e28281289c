import type { CollectionSchema, FieldSchema, StructArrayFieldSchema } from "../format/meta.ts";

/** The first id that Milvus gives to a user's field. */
const FIRST_FIELD_ID = 100n;

export interface FieldPlan {
  /** In the order that makes the server give them the backup's ids. */
  readonly atCreation: readonly FieldSchema[];
  readonly structs: readonly StructArrayFieldSchema[];
  /** Added to the source after its creation, so added one by one again. */
  readonly later: readonly FieldSchema[];
}

export type FieldOrder =
  | { readonly kind: "ordered"; readonly plan: FieldPlan }
  /** No order of creation gives these ids; `wanted` and `given` are the first that differ. */
  | { readonly kind: "impossible"; readonly field: string; readonly wanted: bigint; readonly given: bigint };

/**
 * Import matches data to fields by id, and the server gives ids itself: 100, 101, … to fields as listed, then to the
 * hidden dynamic field, then to each struct array and its children, later to each added field. This finds the requests
 * that end in the backup's ids.
 */
export function orderFields(schema: CollectionSchema): FieldOrder {
  const fields = schema.fields.filter(({ is_dynamic }) => is_dynamic !== true).toSorted(byId);
  const structs = (schema.struct_array_fields ?? []).toSorted(byId);
  const boundary = boundaryOf(schema, fields, structs);
  const plan: FieldPlan = {
    atCreation: fields.filter(({ fieldID }) => boundary === undefined || fieldID < boundary),
    structs,
    later: fields.filter(({ fieldID }) => boundary !== undefined && fieldID > boundary),
  };
  const hasDynamic = schema.enable_dynamic_field === true;
  const wrong = numbered(plan, hasDynamic).find(({ wanted, given }) => wanted !== given);
  return wrong === undefined ? { kind: "ordered", plan } : { kind: "impossible", ...wrong };
}

/** What came with the creation has ids below it, what was added later above; undefined when nothing was. */
function boundaryOf(
  schema: CollectionSchema,
  fields: readonly FieldSchema[],
  structs: readonly StructArrayFieldSchema[],
): bigint | undefined {
  if (schema.enable_dynamic_field !== true) return structs[0]?.fieldID;
  const dynamic = schema.fields.find(({ is_dynamic }) => is_dynamic === true);
  return dynamic?.fieldID ?? firstHole([...fields, ...structs.flatMap(withChildren)]);
}

/** Servers do not show the dynamic field: its id is the first that nothing else has. */
function firstHole(fields: readonly HasId[]): bigint {
  const taken = new Set(fields.map(({ fieldID }) => fieldID));
  let id = FIRST_FIELD_ID;
  while (taken.has(id)) id += 1n;
  return id;
}

interface HasId {
  readonly fieldID: bigint;
  readonly name: string;
}

interface Numbered {
  readonly field: string;
  readonly wanted: bigint;
  readonly given: bigint;
}

/** The ids that the server will give, beside those of the backup. */
function numbered({ atCreation, structs, later }: FieldPlan, hasDynamic: boolean): readonly Numbered[] {
  const hidden = hasDynamic ? [undefined] : [];
  const inOrder: readonly (HasId | undefined)[] = [
    ...atCreation,
    ...hidden,
    ...structs.flatMap(withChildren),
    ...later,
  ];
  return inOrder.flatMap((field, index) => {
    if (field === undefined) return [];
    return [{ field: field.name, wanted: field.fieldID, given: FIRST_FIELD_ID + BigInt(index) }];
  });
}

function withChildren(struct: StructArrayFieldSchema): readonly HasId[] {
  return [struct, ...struct.fields.toSorted(byId)];
}

function byId(a: HasId, b: HasId): number {
  return a.fieldID < b.fieldID ? -1 : 1;
}
