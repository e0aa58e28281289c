import { Buffer } from "node:buffer";
import type { CollectionSchema, FieldSchema, FunctionSchema, StructArrayFieldSchema } from "../format/meta.ts";
import { FIELD_NUMBER, type WireField, type WireFunction, type WireSchema, type WireStruct } from "./schema-wire.ts";
import { bytesField, bytesFields } from "./wire.ts";
import { withoutZeros } from "./zeros.ts";

/**
 * The schema in the Go tool's shape, zero values left out. Default values are cut from the raw bytes as they are: what
 * the server sent is what a restore sends back.
 */
export function schemaFromWire(wire: WireSchema, raw: Uint8Array): CollectionSchema {
  const rawFields = bytesFields(raw, FIELD_NUMBER.schema.fields);
  const rawStructs = bytesFields(raw, FIELD_NUMBER.schema.structs);
  const fields = wire.fields.map((field, index) => toField(field, rawFields[index]));
  return {
    name: wire.name,
    ...withoutZeros({ description: wire.description, autoID: wire.autoID }),
    fields,
    ...withoutZeros({
      enable_dynamic_field: wire.enable_dynamic_field,
      properties: wire.properties,
      functions: wire.functions.map(toFunction),
      struct_array_fields: wire.struct_array_fields.map((struct, index) => toStruct(struct, rawStructs[index])),
    }),
  };
}

function toField(wire: WireField, raw: Uint8Array | undefined): FieldSchema {
  const defaultValue = raw && bytesField(raw, FIELD_NUMBER.field.defaultValue);
  return {
    fieldID: BigInt(wire.fieldID),
    name: wire.name,
    ...withoutZeros({ is_primary_key: wire.is_primary_key, description: wire.description }),
    data_type: wire.data_type,
    ...withoutZeros({
      type_params: wire.type_params,
      index_params: wire.index_params,
      autoID: wire.autoID,
      element_type: wire.element_type,
      is_dynamic: wire.is_dynamic,
      is_partition_key: wire.is_partition_key,
      nullable: wire.nullable,
      is_function_output: wire.is_function_output,
      default_value_base64: defaultValue && Buffer.from(defaultValue).toString("base64"),
    }),
  };
}

function toFunction(wire: WireFunction): FunctionSchema {
  return {
    name: wire.name,
    ...withoutZeros({
      id: BigInt(wire.id),
      description: wire.description,
      type: wire.type,
      input_field_names: wire.input_field_names,
      input_field_ids: wire.input_field_ids.map(BigInt),
      output_field_names: wire.output_field_names,
      output_field_ids: wire.output_field_ids.map(BigInt),
      params: wire.params,
    }),
  };
}

function toStruct(wire: WireStruct, raw: Uint8Array | undefined): StructArrayFieldSchema {
  const rawFields = raw === undefined ? [] : bytesFields(raw, FIELD_NUMBER.struct.fields);
  return {
    fieldID: BigInt(wire.fieldID),
    name: wire.name,
    ...withoutZeros({ description: wire.description }),
    fields: wire.fields.map((field, index) => toField(field, rawFields[index])),
  };
}
