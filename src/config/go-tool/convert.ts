import { escapeVariables } from "../variables.ts";
import { findLeftOut, type LeftOut } from "./left-out.ts";
import { toGcPause } from "./gc-pause.ts";
import type { GoSettings } from "./settings.ts";
import { readSides } from "./side.ts";
import { type GoVariable, isTrue, toStorage } from "./to-storage.ts";

/** What becomes of the Go tool's configuration. */
export interface ImportedConfig {
  /** Ours, without policies. */
  readonly config: object;
  /** What backs up everything there is, as the Go tool's `create` does. */
  readonly policy: unknown;
  /** The variables that must hold the secrets, each once. */
  readonly variables: readonly GoVariable[];
  readonly leftOut: readonly LeftOut[];
}

/** BackupError "refused" or "invalid" where a storage cannot be ours. */
export function convertGoSettings(settings: GoSettings): ImportedConfig {
  const sides = readSides(settings);
  const [own, backups] = [toStorage(sides.own), toStorage(sides.backups)];
  const source = toSource(settings);
  const limits = toLimits(settings);
  const { management, gc } = toGcPause(settings);
  const config = {
    version: 1,
    sources: { milvus: { ...source.source, storage: "milvus-data", ...(management && { management }) } },
    storages: { "milvus-data": own.storage, backups: backups.storage },
    ...(Object.keys(limits).length > 0 && { limits }),
  };
  const variables = [...source.variables, ...own.variables, ...backups.variables];
  return {
    config: escapeVariables(config),
    policy: { source: "milvus", targets: [{ storage: "backups" }], ...(gc && { gc }) },
    variables: [...new Map(variables.map((variable) => [variable.name, variable])).values()],
    leftOut: [...source.leftOut, ...own.leftOut, ...backups.leftOut, ...findLeftOut(settings)],
  };
}

interface ToldSource extends Pick<ImportedConfig, "variables" | "leftOut"> {
  readonly source: object;
}

function toSource(settings: GoSettings): ToldSource {
  const { find, version } = settings;
  const grpc = version === "v1" ? "milvus." : "milvus.grpc.";
  const own = (name: string): string | undefined => (version === "v1" ? name : undefined);
  const host = find([`${grpc}address`], own("MILVUS_ADDRESS"))?.value || "localhost";
  const port = find([`${grpc}port`], own("MILVUS_PORT"))?.value || "19530";
  const tls = toTls(settings);
  const { auth, variables, leftOut } = toAuth(settings);
  const address = /:\d+$/.test(host) ? host : `${host}:${port}`;
  return { source: { address, ...(auth && { auth }), ...(tls && { tls }) }, variables, leftOut };
}

/** v0.4.15 logs in only when it is told to; a user without a password does not log in. */
function toAuth({ find }: GoSettings): Pick<ToldSource, "variables" | "leftOut"> & { readonly auth?: object } {
  const user = find(["milvus.user"], "MILVUS_USER");
  const password = find(["milvus.password"], "MILVUS_PASSWORD");
  const switched = find(["milvus.authorizationEnabled"]);
  if (user === undefined || user.value === "") return { variables: [], leftOut: [] };
  if (switched !== undefined && !isTrue(switched.value)) {
    return { variables: [], leftOut: [{ name: user.from, reason: `${switched.from} says that nobody logs in` }] };
  }
  const name = "MILVUS_PASSWORD";
  return {
    auth: { username: user.value, password: { env: name } },
    variables: [{ name, from: password?.from ?? "milvus.password, which is not set" }],
    leftOut: [],
  };
}

const TLS_FILES = [
  ["ca", "caCertPath", "MILVUS_CA_CERT_PATH"],
  ["serverName", "serverName", "MILVUS_SERVER_NAME"],
  ["cert", "mtlsCertPath", "MILVUS_MTLS_CERT_PATH"],
  ["key", "mtlsKeyPath", "MILVUS_MTLS_KEY_PATH"],
] as const;

/** Undefined where the connection is not encrypted. A mode of both sides without a pair of files is of the server only. */
function toTls({ find, version }: GoSettings): object | undefined {
  const isV1 = version === "v1";
  const prefix = isV1 ? "milvus." : "milvus.grpc.";
  const mode = find([`${prefix}tlsMode`], isV1 ? "MILVUS_TLS_MODE" : undefined)?.value.toLowerCase() ?? "0";
  const files = TLS_FILES.flatMap(([name, key, variable]) => {
    const setting = find([prefix + key], isV1 ? variable : undefined);
    return setting === undefined || setting.value === "" ? [] : [[name, setting.value] as const];
  });
  const { cert, key, ...server } = Object.fromEntries<string | undefined>(files);
  if (["0", "disabled"].includes(mode)) return undefined;
  const isMutual = ["2", "mutual"].includes(mode) && cert !== undefined && key !== undefined;
  return isMutual ? { ...server, cert, key } : server;
}

/** Only what somebody has chosen: the defaults of both tools suit the tools. */
function toLimits({ find, version }: GoSettings): object {
  const isV1 = version === "v1";
  const collections = isV1
    ? find(["backup.parallelism.backupCollection"], "BACKUP_PARALLELISM_BACKUP_COLLECTION")
    : find(["backup.concurrency.collections"]);
  const objects = isV1
    ? find(["backup.parallelism.copydata"], "BACKUP_PARALLELISM_COPYDATA")
    : find(["transfer.concurrency"]);
  return {
    ...(collections && { collections: Number(collections.value) }),
    ...(objects && { objects: Number(objects.value) }),
  };
}
