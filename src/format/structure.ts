import type {
  CollectionMeta,
  FieldSchema,
  FunctionSchema,
  IndexMeta,
  KeyValue,
  StructArrayFieldSchema,
} from "./meta.ts";

/** Something of a collection that is there or not, and what is said of it, as text. */
export interface Part {
  readonly aspects: ReadonlyMap<string, string>;
  /** Parameters and properties: what a server may add to. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** The parts that every collection has. */
export const WHOLE = "collection";
export const PROPERTIES = "property";

export type NamedPart = readonly [name: string, part: Part];

/**
 * What a collection is besides its rows, by names like `field title` and `partition spring`: without what a server gives
 * out anew (names and ids but those of fields) and without order. Properties are those of the schema.
 */
export function structureOf(meta: CollectionMeta): ReadonlyMap<string, Part> {
  const { schema, partition_backups = [], index_infos = [] } = meta;
  const shown = schema.fields.filter(({ is_dynamic }) => is_dynamic !== true); // servers hide the dynamic field
  return new Map<string, Part>([
    [WHOLE, wholeOf(meta)],
    [PROPERTIES, partOf({}, schema.properties)],
    ...shown.map(fieldPart),
    ...(schema.struct_array_fields ?? []).flatMap(structParts),
    ...(schema.functions ?? []).map(functionPart),
    ...index_infos.map(indexPart),
    ...partition_backups.map(({ partition_name }): NamedPart => [`partition ${partition_name}`, partOf({})]),
  ]);
}

/** By the number of common.ConsistencyLevel. */
const CONSISTENCY_LEVELS = ["Strong", "Session", "Bounded", "Eventually", "Customized"];

function wholeOf({ schema, consistency_level = 0, shards_num = 1 }: CollectionMeta): Part {
  return partOf({
    description: quote(schema.description),
    "dynamic field": String(schema.enable_dynamic_field ?? false),
    "consistency level": CONSISTENCY_LEVELS[consistency_level] ?? String(consistency_level),
    "number of shards": String(shards_num),
  });
}

/** The schema has an autoID of its own, which servers drop in favour of the field's. */
function fieldPart(field: FieldSchema): NamedPart {
  const { fieldID, name, data_type, element_type = 0, description, type_params = [], index_params = [] } = field;
  const aspects = {
    id: String(fieldID),
    type: String(data_type),
    "element type": String(element_type),
    description: quote(description),
    ...flagsOf(field),
    ...defaultOf(field),
  };
  return [`field ${name}`, partOf(aspects, [...type_params, ...index_params])];
}

function flagsOf(field: FieldSchema): Readonly<Record<string, string>> {
  return {
    "primary key": String(field.is_primary_key ?? false),
    "auto id": String(field.autoID ?? false),
    "partition key": String(field.is_partition_key ?? false),
    nullable: String(field.nullable ?? false),
    ...(field.is_function_output === true && { "function output": "true" }),
  };
}

/** In base64; the earlier spelling has the bytes in a string. */
function defaultOf({
  default_value_base64,
  default_value_proto: bytes,
}: FieldSchema): Readonly<Record<string, string>> {
  if (default_value_base64 !== undefined) return { "default value": default_value_base64 };
  if (bytes === undefined) return {};
  return { "default value": btoa(String.fromCharCode(...new TextEncoder().encode(bytes))) };
}

function structParts({ name, fieldID, description, fields }: StructArrayFieldSchema): readonly NamedPart[] {
  const struct = partOf({ id: String(fieldID), description: quote(description) });
  return [[`struct array ${name}`, struct], ...fields.map(fieldPart)];
}

function functionPart(one: FunctionSchema): NamedPart {
  const { name, type = 0, description, input_field_names = [], output_field_names = [], params } = one;
  const fields = { inputs: input_field_names.join(), outputs: output_field_names.join() };
  return [`function ${name}`, partOf({ type: String(type), description: quote(description), ...fields }, params)];
}

function indexPart({ field_name = "", index_name = field_name, index_type, params = {} }: IndexMeta): NamedPart {
  const all = { ...(index_type !== undefined && { index_type }), ...params };
  return [`index ${index_name}`, partOf({ field: quote(field_name) }, flatten(all))];
}

/** Some servers give parameters one by one, some as JSON in one that is called params. */
function flatten({ params, ...others }: Readonly<Record<string, string>>): readonly KeyValue[] {
  const nested = params === undefined ? {} : (parseObject(params) ?? { params });
  return Object.entries({ ...others, ...nested }).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? value : JSON.stringify(value),
  }));
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // then it is compared as it stands
    throw error;
  }
}

function partOf(aspects: Readonly<Record<string, string>>, parameters: readonly KeyValue[] = []): Part {
  return {
    aspects: new Map(Object.entries(aspects)),
    parameters: new Map(parameters.map(({ key, value }) => [key, quote(value)])),
  };
}

/** Plain words as they are; what could be misread, in quotes. */
function quote(text = ""): string {
  return /^[\w.+-]+$/.test(text) ? text : JSON.stringify(text);
}
