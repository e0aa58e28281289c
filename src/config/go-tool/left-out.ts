import type { GoSettings } from "./settings.ts";

/** What of the Go tool's configuration has no place in ours. */
export interface LeftOut {
  /** Its key, or the environment variable. */
  readonly name: string;
  readonly reason: string;
}

/** By the letters of a key or a variable, small and without dots and underscores; the first that fits. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^log/, "progress goes to stderr, with --log-format json as log lines"],
  [/^(http|server)/, "this version has no server"],
  [/^(cloud|zillizcloud)/, "there is no migration to Zilliz Cloud"],
  [/^milvusetcd/, "etcd is not read: what there is to know of indexes is asked of Milvus"],
  [/multipartcopythreshold/, "copyPartThreshold of a storage is for this"],
  [/rpcchannelname$/, "there is no restore into a secondary cluster"],
  [/gcpauseseconds$/, "a pause of garbage collection is renewed for as long as it is needed"],
  [/^milvusrest/, "Milvus is called by gRPC only"],
  [
    /crossstorage$|^transfermode$/,
    "objects are copied by the service itself where it can, and streamed where it cannot",
  ],
  [
    /backupsegment$|concurrencysegments$|maxsegment/,
    "how many segments are taken at a time follows from limits.objects",
  ],
  [
    /restorecollection$|importjob$|^restoreconcurrency/,
    "what suits the Milvus it is: limits.collections and limits.imports change it",
  ],
  [/keeptempfiles$/, "temporary files are always removed"],
  [/iamendpoint$|authendpoint$/, "roles are looked up where AWS's own tools do"],
  [/gcp.*json$|credentialsfile$|account(name|key)$/, "it is of a storage that this is not"],
  [/storagemilvus(address|port)$/, "it is for snapshots of Milvus 3, which are not made"],
  [/simpleresponse$/, "this version has no server"],
];

/** The variables of the v1 schema that are never asked for. */
const VARIABLES_V1: readonly string[] = [
  "MILVUS_RPC_CHANNEL_NAME",
  "MINIO_IAM_ENDPOINT",
  "MINIO_BACKUP_IAM_ENDPOINT",
  "GCP_KEY_JSON",
  "BACKUP_GCP_KEY_JSON",
  "BACKUP_MAX_SEGMENT_GROUP_SIZE",
  "BACKUP_PARALLELISM_RESTORE_COLLECTION",
  "BACKUP_KEEP_TEMP_FILES",
  "BACKUP_GC_PAUSE_SECONDS",
];

/** What is left once all that we know how to use was asked for. */
export function findLeftOut(settings: GoSettings): readonly LeftOut[] {
  return settings.unused(settings.version === "v1" ? VARIABLES_V1 : []).map((name) => {
    const letters = name.toLowerCase().replaceAll(/[._]/g, "");
    const known = REASONS.find(([pattern]) => pattern.test(letters));
    return { name, reason: known?.[1] ?? "the Go tool knows no such key" };
  });
}
