/**
 * The Go tool's meta objects, by its own JSON key names. Every int64 and uint64 of its structs is a bigint here, int32
 * and enums are numbers; a key that is absent has its zero value. Facts: zilliztech/milvus-backup v0.4.15 to v0.5.16.
 */

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** The whole of a backup but its collections: backup_meta.json, and what full_meta.json has besides collections. */
export interface BackupHead {
  readonly id?: string;
  readonly state_code: number;
  readonly errorMessage?: string;
  /** Unix milliseconds; v0.4.x only, like end_time and progress. */
  readonly start_time?: bigint;
  readonly end_time?: bigint;
  readonly progress?: number;
  readonly name?: string;
  readonly backup_timestamp?: bigint;
  readonly size: bigint;
  readonly milvus_version?: string;
  readonly rbac_meta?: RbacMeta;
  readonly rpc_channel_info?: RpcChannelInfo;
  readonly database_backups?: readonly DatabaseMeta[];
  readonly flush_all_msgs_base64?: Readonly<Record<string, string>>;
  readonly control_channel_name?: string;
  readonly physical_channel_names?: readonly string[];
  /** Absent or "" for binlogs. */
  readonly format?: string;
}

export interface DatabaseMeta {
  readonly db_name: string;
  readonly db_id?: bigint;
  readonly properties?: readonly KeyValue[];
  readonly ezk?: string;
}

/** The answer of BackupRBAC as it came; passwords are the server's hashes. */
export interface RbacMeta {
  readonly users?: readonly RbacUser[];
  readonly roles?: readonly RbacName[];
  readonly grants?: readonly RbacGrant[];
  readonly privilege_groups?: readonly RbacPrivilegeGroup[];
}

export interface RbacName {
  readonly name?: string;
}

export interface RbacUser {
  readonly user?: string;
  readonly password?: string;
  readonly roles?: readonly RbacName[];
}

export interface RbacGrant {
  readonly role?: RbacName;
  readonly object?: RbacName;
  readonly object_name?: string;
  readonly grantor?: RbacGrantor;
  readonly db_name?: string;
}

export interface RbacGrantor {
  readonly user?: RbacName;
  readonly privilege?: RbacName;
}

export interface RbacPrivilegeGroup {
  readonly group_name?: string;
  readonly privileges?: readonly RbacName[];
}

/** Where a Milvus 2.5 replicated from. */
export interface RpcChannelInfo {
  readonly name?: string;
  readonly position?: string;
}

export interface CollectionMeta {
  /** The backup's id, not the collection's. */
  readonly id?: string;
  readonly state_code?: number;
  readonly errorMessage?: string;
  /** Unix seconds; v0.4.x only, like end_time and progress. */
  readonly start_time?: bigint;
  readonly end_time?: bigint;
  readonly progress?: number;
  readonly collection_id: bigint;
  /** "default" in backups of before databases. */
  readonly db_name: string;
  readonly collection_name: string;
  readonly schema: CollectionSchema;
  readonly shards_num?: number;
  /** 0 Strong, 1 Session, 2 Bounded, 3 Eventually, 4 Customized. */
  readonly consistency_level?: number;
  readonly partition_backups?: readonly PartitionMeta[];
  readonly backup_timestamp?: bigint;
  readonly size: bigint;
  readonly has_index: boolean;
  readonly index_infos?: readonly IndexMeta[];
  readonly load_state?: string;
  readonly backup_physical_timestamp?: bigint;
  readonly channel_checkpoints?: Readonly<Record<string, string>>;
  /** The L0 segments of all partitions (partition -1). */
  readonly l0_segments?: readonly SegmentMeta[];
  readonly properties?: readonly KeyValue[];
  readonly db_id?: bigint;
  readonly created_timestamp?: bigint;
  readonly virtual_channel_names?: readonly string[];
  readonly physical_channel_names?: readonly string[];
  readonly aliases?: readonly string[];
}

export interface CollectionSchema {
  readonly name: string;
  readonly description?: string;
  readonly autoID?: boolean;
  readonly fields: readonly FieldSchema[];
  readonly enable_dynamic_field?: boolean;
  readonly properties?: readonly KeyValue[];
  readonly functions?: readonly FunctionSchema[];
  readonly struct_array_fields?: readonly StructArrayFieldSchema[];
}

export interface FieldSchema {
  readonly fieldID: bigint;
  readonly name: string;
  readonly is_primary_key?: boolean;
  readonly description?: string;
  /** schema.DataType: 5 Int64, 21 VarChar, 101 FloatVector … */
  readonly data_type: number;
  readonly type_params?: readonly KeyValue[];
  readonly index_params?: readonly KeyValue[];
  readonly autoID?: boolean;
  readonly state?: number;
  readonly element_type?: number;
  /** Raw protobuf bytes in a string: v0.4.25 to v0.5.4. */
  readonly default_value_proto?: string;
  readonly is_dynamic?: boolean;
  readonly is_partition_key?: boolean;
  readonly nullable?: boolean;
  readonly is_function_output?: boolean;
  /** base64 of the protobuf schema.ValueField; since v0.5.5. */
  readonly default_value_base64?: string;
}

export interface FunctionSchema {
  readonly name: string;
  readonly id?: bigint;
  readonly description?: string;
  readonly type?: number;
  readonly input_field_names?: readonly string[];
  readonly input_field_ids?: readonly bigint[];
  readonly output_field_names?: readonly string[];
  readonly output_field_ids?: readonly bigint[];
  readonly params?: readonly KeyValue[];
}

export interface StructArrayFieldSchema {
  readonly fieldID: bigint;
  readonly name: string;
  readonly description?: string;
  readonly fields: readonly FieldSchema[];
}

export interface IndexMeta {
  readonly field_name?: string;
  readonly index_name?: string;
  readonly index_type?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly index_id?: bigint;
  /** From here on only in backups made with etcd access (secondary restore). */
  readonly field_id?: bigint;
  readonly create_time?: bigint;
  readonly type_params?: readonly KeyValue[];
  readonly index_params?: readonly KeyValue[];
  readonly user_index_params?: readonly KeyValue[];
  readonly is_auto_index?: boolean;
  readonly min_index_version?: number;
  readonly max_index_version?: number;
}

export interface PartitionMeta {
  readonly partition_id: bigint;
  readonly partition_name: string;
  readonly collection_id: bigint;
  readonly segment_backups?: readonly SegmentMeta[];
  readonly size: bigint;
  readonly load_state?: string;
}

export interface SegmentMeta {
  readonly segment_id: bigint;
  readonly collection_id: bigint;
  /** -1: all partitions. */
  readonly partition_id: bigint;
  /** Rows written, the deleted ones included. */
  readonly num_of_rows?: bigint;
  /** Insert logs, by field (or column group). */
  readonly binlogs?: readonly FieldBinlog[];
  readonly statslogs?: readonly FieldBinlog[];
  readonly deltalogs?: readonly FieldBinlog[];
  readonly size: bigint;
  /** The directory between partition and segment; absent or 0: none. */
  readonly group_id?: bigint;
  readonly backuped?: boolean;
  readonly is_l0?: boolean;
  readonly v_channel?: string;
  readonly storage_version?: bigint;
}

export interface FieldBinlog {
  readonly fieldID?: bigint;
  readonly binlogs?: readonly Binlog[];
}

export interface Binlog {
  readonly entries_num?: bigint;
  readonly timestamp_from?: bigint;
  readonly timestamp_to?: bigint;
  /** The key in the source's bucket, root path included: informational, backup keys are made from ids. */
  readonly log_path?: string;
  readonly log_size: bigint;
  /** Absent before v0.5.4: the last element of log_path. */
  readonly log_id?: bigint;
}
