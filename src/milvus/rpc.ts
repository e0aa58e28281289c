/**
 * The requests this tool makes: their shapes on the wire (64-bit integers as decimal strings, enums as numbers, every
 * list present), and for each how long it may take and whether it is safe to send again when the answer was lost.
 */

import type { WireSchema } from "./schema-wire.ts";

export interface Status {
  readonly error_code: number;
  readonly reason: string;
  readonly code: number;
}

export interface WireKeyValue {
  readonly key: string;
  readonly value: string;
}

interface OfCollection {
  readonly collection_name: string;
}

interface Answer<Request extends object, Reply extends object> {
  readonly request: Request;
  /** Besides the status, which is checked before anyone sees the reply. */
  readonly reply: Reply;
}

type Done = Record<never, never>;

export interface WireIndex {
  readonly index_name: string;
  readonly indexID: string;
  readonly params: readonly WireKeyValue[];
  readonly field_name: string;
  readonly indexed_rows: string;
  readonly total_rows: string;
  /** 1 unissued, 2 in progress, 3 finished, 4 failed. */
  readonly state: number;
  readonly index_state_fail_reason: string;
}

export interface WireSegment {
  readonly segmentID: string;
  readonly collectionID: string;
  readonly partitionID: string;
  readonly num_rows: string;
  readonly state: number;
  readonly level: number;
  readonly storage_version: string;
}

export interface WireDescription {
  readonly schema: WireSchema | null;
  readonly collectionID: string;
  readonly collection_name: string;
  readonly db_name: string;
  readonly db_id: string;
  readonly virtual_channel_names: readonly string[];
  readonly physical_channel_names: readonly string[];
  readonly created_timestamp: string;
  readonly shards_num: number;
  readonly aliases: readonly string[];
  readonly consistency_level: number;
  readonly properties: readonly WireKeyValue[];
}

export interface WireFlush {
  readonly coll_segIDs: Readonly<Record<string, { readonly data: readonly string[] }>>;
  readonly flush_coll_segIDs: Readonly<Record<string, { readonly data: readonly string[] }>>;
  readonly coll_seal_times: Readonly<Record<string, string>>;
  readonly coll_flush_ts: Readonly<Record<string, string>>;
  readonly channel_cps: Readonly<Record<string, { readonly timestamp: string }>>;
}

export interface WireImportState {
  readonly state: number;
  readonly row_count: string;
  readonly infos: readonly WireKeyValue[];
}

interface WireList<T> {
  readonly data: readonly T[];
}

/** Of each oneof one member is there. */
interface WireScalars {
  readonly bool_data?: WireList<boolean> | null;
  readonly int_data?: WireList<number> | null;
  readonly long_data?: WireList<string> | null;
  readonly float_data?: WireList<number> | null;
  readonly double_data?: WireList<number> | null;
  readonly string_data?: WireList<string> | null;
  readonly bytes_data?: WireList<Uint8Array> | null;
  readonly array_data?: WireList<WireScalars> | null;
  readonly json_data?: WireList<Uint8Array> | null;
}

interface WireVectors {
  readonly dim: string;
  readonly float_vector?: WireList<number> | null;
  readonly binary_vector?: Uint8Array | null;
  readonly float16_vector?: Uint8Array | null;
  readonly bfloat16_vector?: Uint8Array | null;
  readonly sparse_float_vector?: { readonly contents: readonly Uint8Array[] } | null;
  readonly int8_vector?: Uint8Array | null;
}

/** A column of what was asked for. */
export interface WireFieldData {
  readonly field_name: string;
  readonly scalars?: WireScalars | null;
  readonly vectors?: WireVectors | null;
  /** Empty where nothing can be null. */
  readonly valid_data: readonly boolean[];
}

export interface RpcTypes {
  Connect: Answer<
    { readonly client_info: Readonly<Record<string, string>> },
    { readonly identifier: string; readonly server_info: { readonly build_tags: string } | null }
  >;
  GetVersion: Answer<Done, { readonly version: string }>;
  ListDatabases: Answer<Done, { readonly db_names: readonly string[] }>;
  DescribeDatabase: Answer<Done, { readonly dbID: string; readonly properties: readonly WireKeyValue[] }>;
  CreateDatabase: Answer<{ readonly properties: readonly WireKeyValue[] }, Done>;
  DropDatabase: Answer<Done, Done>;
  ShowCollections: Answer<
    Done,
    { readonly collection_names: readonly string[]; readonly collection_ids: readonly string[] }
  >;
  HasCollection: Answer<OfCollection, { readonly value: boolean }>;
  DescribeCollection: Answer<OfCollection | { readonly collectionID: string }, WireDescription>;
  ShowPartitions: Answer<
    OfCollection,
    { readonly partition_names: readonly string[]; readonly partitionIDs: readonly string[] }
  >;
  DescribeIndex: Answer<OfCollection, { readonly index_descriptions: readonly WireIndex[] }>;
  GetLoadState: Answer<OfCollection & { readonly partition_names: readonly string[] }, { readonly state: number }>;
  GetPartitionStatistics: Answer<
    OfCollection & { readonly partition_name: string },
    { readonly stats: readonly WireKeyValue[] }
  >;
  Query: Answer<
    OfCollection & {
      readonly expr: string;
      readonly output_fields: readonly string[];
      readonly partition_names: readonly string[];
      readonly consistency_level: number;
    },
    { readonly fields_data: readonly WireFieldData[] }
  >;
  Search: Answer<
    OfCollection & {
      readonly dsl: string;
      readonly dsl_type: number;
      readonly placeholder_group: Uint8Array;
      readonly output_fields: readonly string[];
      readonly search_params: readonly WireKeyValue[];
      readonly nq: string;
      readonly consistency_level: number;
    },
    {
      readonly results: {
        readonly ids: {
          readonly int_id?: WireList<string> | null;
          readonly str_id?: WireList<string> | null;
        } | null;
        readonly topks: readonly string[];
      } | null;
    }
  >;
  Flush: Answer<{ readonly collection_names: readonly string[] }, WireFlush>;
  GetFlushState: Answer<
    OfCollection & { readonly segmentIDs: readonly string[]; readonly flush_ts: string },
    { readonly flushed: boolean }
  >;
  GetPersistentSegmentInfo: Answer<{ readonly collectionName: string }, { readonly infos: readonly WireSegment[] }>;
  CreateCollection: Answer<
    OfCollection & {
      readonly schema: Uint8Array;
      readonly shards_num: number;
      readonly consistency_level: number;
      readonly properties: readonly WireKeyValue[];
      readonly num_partitions: string;
    },
    Done
  >;
  AddCollectionField: Answer<OfCollection & { readonly schema: Uint8Array }, Done>;
  AlterCollection: Answer<OfCollection & { readonly properties: readonly WireKeyValue[] }, Done>;
  RenameCollection: Answer<{ readonly oldName: string; readonly newName: string }, Done>;
  DropCollection: Answer<OfCollection, Done>;
  CreatePartition: Answer<OfCollection & { readonly partition_name: string }, Done>;
  CreateIndex: Answer<
    OfCollection & {
      readonly field_name: string;
      readonly index_name: string;
      readonly extra_params: readonly WireKeyValue[];
    },
    Done
  >;
  CreateAlias: Answer<OfCollection & { readonly alias: string }, Done>;
  AlterAlias: Answer<OfCollection & { readonly alias: string }, Done>;
  LoadCollection: Answer<OfCollection & { readonly replica_number: number }, Done>;
  LoadPartitions: Answer<
    OfCollection & { readonly partition_names: readonly string[]; readonly replica_number: number },
    Done
  >;
  ReleaseCollection: Answer<OfCollection, Done>;
  Import: Answer<
    OfCollection & {
      readonly partition_name: string;
      readonly files: readonly string[];
      readonly options: readonly WireKeyValue[];
    },
    { readonly tasks: readonly string[] }
  >;
  GetImportState: Answer<{ readonly task: string }, WireImportState>;
}

export type RpcName = keyof RpcTypes;
