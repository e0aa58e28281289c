/** The Go tool's structs, one table each: what decodeMessage and encodeMessage work by. */
import { always, message, optional, required } from "./message.ts";
import type { Message } from "./message.ts";
import type {
  BackupHead,
  Binlog,
  CollectionMeta,
  CollectionSchema,
  DatabaseMeta,
  FieldBinlog,
  FieldSchema,
  FunctionSchema,
  IndexMeta,
  KeyValue,
  PartitionMeta,
  RbacGrant,
  RbacGrantor,
  RbacMeta,
  RbacName,
  RbacPrivilegeGroup,
  RbacUser,
  RpcChannelInfo,
  SegmentMeta,
  StructArrayFieldSchema,
} from "./meta.ts";

const KEY_VALUE: Message<KeyValue> = message({ key: required.string, value: required.string });

const BINLOG: Message<Binlog> = message({
  entries_num: optional.int64,
  timestamp_from: optional.uint64,
  timestamp_to: optional.uint64,
  log_path: optional.string,
  log_size: always.int64,
  log_id: optional.int64,
});

const FIELD_BINLOG: Message<FieldBinlog> = message({ fieldID: optional.int64, binlogs: optional.list(BINLOG) });

export const SEGMENT: Message<SegmentMeta> = message({
  segment_id: required.int64,
  collection_id: required.int64,
  partition_id: required.int64,
  num_of_rows: optional.int64,
  binlogs: optional.list(FIELD_BINLOG),
  statslogs: optional.list(FIELD_BINLOG),
  deltalogs: optional.list(FIELD_BINLOG),
  size: always.int64,
  group_id: optional.int64,
  backuped: optional.bool,
  is_l0: optional.bool,
  v_channel: optional.string,
  storage_version: optional.int64,
});

export const PARTITION: Message<PartitionMeta> = message({
  partition_id: required.int64,
  partition_name: required.string,
  collection_id: required.int64,
  segment_backups: optional.list(SEGMENT),
  size: always.int64,
  load_state: optional.string,
});

const INDEX: Message<IndexMeta> = message({
  field_name: optional.string,
  index_name: optional.string,
  index_type: optional.string,
  params: optional.map,
  index_id: optional.int64,
  field_id: optional.int64,
  create_time: optional.uint64,
  type_params: optional.list(KEY_VALUE),
  index_params: optional.list(KEY_VALUE),
  user_index_params: optional.list(KEY_VALUE),
  is_auto_index: optional.bool,
  min_index_version: optional.int32,
  max_index_version: optional.int32,
});

const FIELD: Message<FieldSchema> = message({
  fieldID: required.int64,
  name: required.string,
  is_primary_key: optional.bool,
  description: optional.string,
  data_type: required.int32,
  type_params: optional.list(KEY_VALUE),
  index_params: optional.list(KEY_VALUE),
  autoID: optional.bool,
  state: optional.int32,
  element_type: optional.int32,
  // default_value would stand here: no release of the Go tool can read it again
  default_value_proto: optional.string,
  is_dynamic: optional.bool,
  is_partition_key: optional.bool,
  nullable: optional.bool,
  is_function_output: optional.bool,
  default_value_base64: optional.string,
});

const FUNCTION: Message<FunctionSchema> = message({
  name: required.string,
  id: optional.int64,
  description: optional.string,
  type: optional.int32,
  input_field_names: optional.strings,
  input_field_ids: optional.int64s,
  output_field_names: optional.strings,
  output_field_ids: optional.int64s,
  params: optional.list(KEY_VALUE),
});

const STRUCT_ARRAY_FIELD: Message<StructArrayFieldSchema> = message({
  fieldID: required.int64,
  name: required.string,
  description: optional.string,
  fields: required.list(FIELD),
});

const SCHEMA: Message<CollectionSchema> = message({
  name: required.string,
  description: optional.string,
  autoID: optional.bool,
  fields: required.list(FIELD),
  enable_dynamic_field: optional.bool,
  properties: optional.list(KEY_VALUE),
  functions: optional.list(FUNCTION),
  struct_array_fields: optional.list(STRUCT_ARRAY_FIELD),
});

export const COLLECTION: Message<CollectionMeta> = message({
  id: optional.string,
  state_code: optional.int32,
  errorMessage: optional.string,
  start_time: optional.int64,
  end_time: optional.int64,
  progress: optional.int32,
  collection_id: required.int64,
  db_name: required.string,
  collection_name: required.string,
  schema: required.message(SCHEMA),
  shards_num: optional.int32,
  consistency_level: optional.int32,
  partition_backups: optional.list(PARTITION),
  backup_timestamp: optional.uint64,
  size: always.int64,
  has_index: always.bool,
  index_infos: optional.list(INDEX),
  load_state: optional.string,
  backup_physical_timestamp: optional.uint64,
  channel_checkpoints: optional.map,
  l0_segments: optional.list(SEGMENT),
  properties: optional.list(KEY_VALUE),
  db_id: optional.int64,
  created_timestamp: optional.uint64,
  virtual_channel_names: optional.strings,
  physical_channel_names: optional.strings,
  aliases: optional.strings,
});

const DATABASE: Message<DatabaseMeta> = message({
  db_name: required.string,
  db_id: optional.int64,
  properties: optional.list(KEY_VALUE),
  ezk: optional.string,
});

const NAME: Message<RbacName> = message({ name: optional.string });

const USER: Message<RbacUser> = message({
  user: optional.string,
  password: optional.string,
  roles: optional.list(NAME),
});

const GRANTOR: Message<RbacGrantor> = message({ user: optional.message(NAME), privilege: optional.message(NAME) });

const GRANT: Message<RbacGrant> = message({
  role: optional.message(NAME),
  object: optional.message(NAME),
  object_name: optional.string,
  grantor: optional.message(GRANTOR),
  db_name: optional.string,
});

const PRIVILEGE_GROUP: Message<RbacPrivilegeGroup> = message({
  group_name: optional.string,
  privileges: optional.list(NAME),
});

const RBAC: Message<RbacMeta> = message({
  users: optional.list(USER),
  roles: optional.list(NAME),
  grants: optional.list(GRANT),
  privilege_groups: optional.list(PRIVILEGE_GROUP),
});

const RPC_CHANNEL: Message<RpcChannelInfo> = message({ name: optional.string, position: optional.string });

const ANY: Message<object> = message({});

const START = {
  id: optional.string,
  state_code: always.int32,
  errorMessage: optional.string,
  start_time: optional.int64,
  end_time: optional.int64,
  progress: optional.int32,
  name: optional.string,
  backup_timestamp: optional.uint64,
} as const;

/** full_meta.json; its collections are read and written one at a time, outside this table. */
export const FULL: Message<BackupHead & { readonly collection_backups?: readonly object[] }> = message({
  ...START,
  collection_backups: optional.list(ANY),
  size: always.int64,
  milvus_version: optional.string,
  rbac_meta: optional.message(RBAC),
  rpc_channel_info: optional.message(RPC_CHANNEL),
  database_backups: optional.list(DATABASE),
  flush_all_msgs_base64: optional.map,
  control_channel_name: optional.string,
  physical_channel_names: optional.strings,
  format: optional.string,
});

type NotInBackupMeta =
  | "rbac_meta"
  | "rpc_channel_info"
  | "database_backups"
  | "flush_all_msgs_base64"
  | "control_channel_name"
  | "physical_channel_names";

/** What is written to backup_meta.json. */
export const BACKUP: Message<Omit<BackupHead, NotInBackupMeta>> = message({
  ...START,
  size: always.int64,
  milvus_version: optional.string,
  format: optional.string,
});

/** collection_meta.json, partition_meta.json and segment_meta.json, without what the list holds. */
export const LEVEL: Message<{ readonly infos?: readonly object[] }> = message({ infos: optional.list(ANY) });
