/** The protobuf schema.CollectionSchema as the SDK's proto files spell it. */
import type { WireKeyValue } from "./rpc.ts";

/** Field numbers of the proto files: schema.proto and DescribeCollectionResponse. */
export const FIELD_NUMBER = {
  response: { schema: 2 },
  schema: { fields: 4, functions: 7, structs: 9 },
  struct: { fields: 4 },
  field: { id: 1, defaultValue: 11 },
} as const;

export interface WireField {
  readonly fieldID: string;
  readonly name: string;
  readonly is_primary_key: boolean;
  readonly description: string;
  readonly data_type: number;
  readonly type_params: readonly WireKeyValue[];
  readonly index_params: readonly WireKeyValue[];
  readonly autoID: boolean;
  readonly element_type: number;
  readonly is_dynamic: boolean;
  readonly is_partition_key: boolean;
  readonly nullable: boolean;
  readonly is_function_output: boolean;
}

export interface WireFunction {
  readonly name: string;
  readonly id: string;
  readonly description: string;
  readonly type: number;
  readonly input_field_names: readonly string[];
  readonly input_field_ids: readonly string[];
  readonly output_field_names: readonly string[];
  readonly output_field_ids: readonly string[];
  readonly params: readonly WireKeyValue[];
}

export interface WireStruct {
  readonly fieldID: string;
  readonly name: string;
  readonly description: string;
  readonly fields: readonly WireField[];
}

export interface WireSchema {
  readonly name: string;
  readonly description: string;
  readonly autoID: boolean;
  readonly fields: readonly WireField[];
  readonly enable_dynamic_field: boolean;
  readonly properties: readonly WireKeyValue[];
  readonly functions: readonly WireFunction[];
  readonly struct_array_fields: readonly WireStruct[];
}
