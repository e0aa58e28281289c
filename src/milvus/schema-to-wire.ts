import { Buffer } from "node:buffer";
import type { CollectionSchema, FieldSchema, StructArrayFieldSchema } from "../format/meta.ts";
import type { FieldPlan } from "./field-order.ts";
import { methodOf, type MilvusService } from "./proto.ts";
import { FIELD_NUMBER } from "./schema-wire.ts";
import { bytesField, bytesFields, encodeBytesField, integerField } from "./wire.ts";

/** What a backup knows of a schema, and the bytes it was read from where they were kept. */
export interface SchemaSource {
  readonly schema: CollectionSchema;
  /** With it, what the Go tool's meta does not hold (clustering keys, say) comes back, too. */
  readonly rawSchema?: Uint8Array | undefined;
}

export interface SchemaEncoder {
  /** The bytes of CreateCollectionRequest.schema: the plan's fields in its order, under this collection name. */
  encodeSchema(name: string, plan: FieldPlan): Uint8Array;
  /** The bytes of AddCollectionFieldRequest.schema. */
  encodeField(field: FieldSchema): Uint8Array;
}

export function createSchemaEncoder(service: MilvusService, { schema, rawSchema }: SchemaSource): SchemaEncoder {
  const raw = rawParts(rawSchema);
  const encodeField = (field: FieldSchema): Uint8Array => raw.fields.get(field.fieldID) ?? fieldBytes(service, field);
  return {
    encodeField,
    encodeSchema: (name, plan) => {
      const functions = raw.functions ?? functionBytes(service, schema);
      const structs = plan.structs.map((struct) => raw.structs.get(struct.fieldID) ?? structBytes(service, struct));
      return Buffer.concat([
        headBytes(service, { ...schema, name }),
        ...plan.atCreation.map((field) => encodeBytesField(FIELD_NUMBER.schema.fields, encodeField(field))),
        ...functions.map((bytes) => encodeBytesField(FIELD_NUMBER.schema.functions, bytes)),
        ...structs.map((bytes) => encodeBytesField(FIELD_NUMBER.schema.structs, bytes)),
      ]);
    },
  };
}

interface RawParts {
  readonly fields: ReadonlyMap<bigint, Uint8Array>;
  readonly structs: ReadonlyMap<bigint, Uint8Array>;
  readonly functions: readonly Uint8Array[] | undefined;
}

function rawParts(rawSchema: Uint8Array | undefined): RawParts {
  if (rawSchema === undefined) return { fields: new Map(), structs: new Map(), functions: undefined };
  const byId = (number: number): ReadonlyMap<bigint, Uint8Array> =>
    new Map(bytesFields(rawSchema, number).map((part) => [integerField(part, FIELD_NUMBER.field.id), part]));
  return {
    fields: byId(FIELD_NUMBER.schema.fields),
    structs: byId(FIELD_NUMBER.schema.structs),
    functions: bytesFields(rawSchema, FIELD_NUMBER.schema.functions),
  };
}

function headBytes(service: MilvusService, schema: CollectionSchema): Uint8Array {
  const { name, description, autoID, enable_dynamic_field, properties } = schema;
  return encode(service, { name, description, autoID, enable_dynamic_field, properties });
}

/** The default value is put behind the rest as it was recorded; the order of fields in a message is free. */
function fieldBytes(service: MilvusService, field: FieldSchema): Uint8Array {
  const { default_value_base64, default_value_proto, ...plain } = field;
  const encoded = onlyPart(encode(service, { fields: [toWire(plain)] }), FIELD_NUMBER.schema.fields);
  const value = defaultValue(default_value_base64, default_value_proto);
  if (value === undefined) return encoded;
  return Buffer.concat([encoded, encodeBytesField(FIELD_NUMBER.field.defaultValue, value)]);
}

/** The later spelling counts; the earlier one holds the bytes in a string. */
function defaultValue(base64: string | undefined, proto: string | undefined): Uint8Array | undefined {
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  return proto === undefined ? undefined : Buffer.from(proto, "utf8");
}

function structBytes(service: MilvusService, { fields, ...struct }: StructArrayFieldSchema): Uint8Array {
  const head = onlyPart(encode(service, { struct_array_fields: [toWire(struct)] }), FIELD_NUMBER.schema.structs);
  const children = fields.map((field) => encodeBytesField(FIELD_NUMBER.struct.fields, fieldBytes(service, field)));
  return Buffer.concat([head, ...children]);
}

function functionBytes(service: MilvusService, { functions = [] }: CollectionSchema): readonly Uint8Array[] {
  const wire = functions.map((one) => ({
    ...toWire(one),
    input_field_ids: one.input_field_ids?.map(String),
    output_field_ids: one.output_field_ids?.map(String),
  }));
  return bytesFields(encode(service, { functions: wire }), FIELD_NUMBER.schema.functions);
}

/** Of a CollectionSchema, by way of the one message in the service that holds it. */
function encode(service: MilvusService, schema: object): Uint8Array {
  const reply = methodOf(service, "DescribeCollection").responseSerialize({ schema });
  return onlyPart(reply, FIELD_NUMBER.response.schema);
}

function onlyPart(message: Uint8Array, number: number): Uint8Array {
  return bytesField(message, number) ?? new Uint8Array();
}

/** protobufjs takes 64-bit integers as strings and skips what is undefined. */
function toWire(values: object): object {
  const entries = Object.entries(values).map(([key, value]) => [
    key,
    typeof value === "bigint" ? String(value) : value,
  ]);
  return Object.fromEntries(entries);
}
