import type { GoSettings } from "./settings.ts";

/** What the Go tool knows of a storage. */
type SideKey =
  | "provider"
  | "address"
  | "port"
  | "region"
  | "useSsl"
  | "bucket"
  | "root"
  | "localPath"
  | "role"
  | "accessKeyId"
  | "secretKey"
  | "token";

interface SideValue {
  /** "" of a secret: that it is there is all that may be known of it. */
  readonly value: string;
  /** Its key, its variable, or what says that it is a default. */
  readonly from: string;
  /** The variable that can hold it. */
  readonly variable: string;
}

/** One of the two storages of the Go tool; the value of what is not said is "". */
export interface GoSide extends Readonly<Record<Exclude<SideKey, "token">, SideValue>> {
  readonly token?: SideValue;
}

export interface GoSides {
  /** Where Milvus keeps its segments. */
  readonly own: GoSide;
  /** Where the backups are. */
  readonly backups: GoSide;
}

type SideTable = Readonly<Partial<Record<SideKey, readonly [key: string, variable?: string]>>>;

const V1: SideTable = {
  provider: ["storageType"],
  address: ["address", "ADDRESS"],
  port: ["port", "PORT"],
  region: ["region", "REGION"],
  useSsl: ["useSSL", "USE_SSL"],
  bucket: ["bucketName", "BUCKET_NAME"],
  root: ["rootPath", "ROOT_PATH"],
  role: ["useIAM", "USE_IAM"],
  accessKeyId: ["accessKeyID", "ACCESS_KEY"],
  secretKey: ["secretAccessKey", "SECRET_KEY"],
  token: ["token", "TOKEN"],
};

const V2: SideTable = {
  provider: ["provider"],
  address: ["address"],
  port: ["port"],
  region: ["region"],
  useSsl: ["useSSL"],
  bucket: ["bucketName"],
  root: ["rootPath"],
  localPath: ["localPath"],
  role: ["auth.type"],
  accessKeyId: ["auth.accessKeyID", "AUTH_ACCESS_KEY_ID"],
  secretKey: ["auth.secretAccessKey", "AUTH_SECRET_ACCESS_KEY"],
  token: ["auth.sessionToken", "AUTH_SESSION_TOKEN"],
};

const DEFAULTS: Readonly<Record<Exclude<SideKey, "token">, string>> = {
  provider: "minio",
  address: "localhost",
  port: "9000",
  region: "",
  useSsl: "false",
  bucket: "a-bucket",
  root: "files",
  localPath: "",
  role: "",
  accessKeyId: "minioadmin",
  secretKey: "",
};

/** The side of the backups has what it does not say from the other one, but in v2 a root path of its own. */
export function readSides(settings: GoSettings): GoSides {
  const isV1 = settings.version === "v1";
  const names = isV1
    ? { own: "minio.", backups: "minio.backup" }
    : { own: "milvus.storage.", backups: "backup.storage." };
  const defaults = defaultsOf(isV1 ? "MINIO_SECRET_KEY" : "MILVUS_STORAGE_AUTH_SECRET_ACCESS_KEY");
  const own = { ...defaults, ...readSide(settings, names.own) };
  const root = { ...defaults.root, value: "backup" };
  const inherited = isV1
    ? { ...own, root: own.root.value === "" ? root : own.root }
    : { ...own, root, localPath: defaults.localPath };
  return { own, backups: { ...inherited, ...readSide(settings, names.backups) } };
}

function defaultsOf(variable: string): GoSide {
  const values = Object.entries(DEFAULTS).map(([key, value]) => {
    return [key, { value, from: "the Go tool's default", variable }] as const;
  });
  return Object.fromEntries(values) as unknown as GoSide; // of the keys above
}

function readSide(settings: GoSettings, prefix: string): Partial<GoSide> {
  const table = settings.version === "v1" ? V1 : V2;
  const variables = VARIABLES[prefix] ?? "";
  const found = Object.entries(table).flatMap(([side, [key, suffix]]) => {
    const variable = suffix === undefined ? "" : variables + suffix;
    const setting = settings.find(keysOf(prefix, key), variable);
    if (setting === undefined || (setting.value === "" && side !== "root")) return []; // only a root path can be empty
    const isSecret = side === "secretKey" || side === "token";
    return [[side, { variable, from: setting.from, value: isSecret ? "" : setting.value }]];
  });
  return Object.fromEntries(found) as Partial<GoSide>; // of the keys of the table
}

const VARIABLES: Readonly<Record<string, string>> = {
  "minio.": "MINIO_",
  "minio.backup": "MINIO_BACKUP_",
  "milvus.storage.": "MILVUS_STORAGE_",
  "backup.storage.": "BACKUP_STORAGE_",
};

/** The Go tool minds no capitals, and of v1 knows older names of one key. */
function keysOf(prefix: string, key: string): readonly string[] {
  if (key !== "storageType") return [prefix + key];
  return prefix === "minio."
    ? ["storage.storageType", "minio.storageType", "minio.cloudProvider"]
    : ["storage.backupStorageType", "minio.backupStorageType"];
}
