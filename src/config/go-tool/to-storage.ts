import { BackupError } from "../../core/errors.ts";
import type { LeftOut } from "./left-out.ts";
import type { GoSide } from "./side.ts";

/** A storage of ours, and what is to know of it. */
export interface ToldStorage {
  readonly storage: Readonly<Record<string, unknown>>;
  /** The variables that its secrets are to be in. */
  readonly variables: readonly GoVariable[];
  readonly leftOut: readonly LeftOut[];
}

export interface GoVariable {
  readonly name: string;
  /** Where the secret is now. */
  readonly from: string;
}

type Service = "path" | "host";

/** Where the bucket stands in a URL, by the names that the Go tool has for a service. */
const SERVICES: Readonly<Record<string, Service>> = {
  minio: "path",
  s3: "path",
  aws: "path",
  gcp: "path",
  ali: "host",
  aliyun: "host",
  alibaba: "host",
  alicloud: "host",
  tc: "host",
  tencent: "host",
  hwc: "host",
};

/** Services whose roles the SDK of the S3 plugin knows. */
const WITH_AWS_ROLES: ReadonlySet<string> = new Set(["minio", "s3", "aws"]);

/** BackupError "refused" for a storage that there is no plugin for, "invalid" for one that the Go tool does not know. */
export function toStorage(side: GoSide): ToldStorage {
  const provider = side.provider.value.toLowerCase();
  if (provider === "local") return { storage: toLocal(side), variables: [], leftOut: [] };
  const service = Object.hasOwn(SERVICES, provider) ? SERVICES[provider] : undefined;
  if (service === undefined) throw cannotImport(side);
  const place = { type: "s3", ...toEndpoint(side, service), bucket: side.bucket.value, ...toPrefix(side) };
  if (!isRole(side)) return { ...withCredentials(side, place), leftOut: [] };
  const reason = `roles of ${provider} are not known here: give the storage credentials`;
  return {
    storage: place,
    variables: [],
    leftOut: WITH_AWS_ROLES.has(provider) ? [] : [{ name: side.role.from, reason }],
  };
}

function cannotImport({ provider: { value, from } }: GoSide): BackupError {
  if (["azure", "gcpnative"].includes(value.toLowerCase())) {
    const message = `Cannot import a storage of the type ${value} (${from}): there is no plugin for it`;
    return new BackupError("refused", message, { hint: "write a storage plugin, or reach it by its S3 interface" });
  }
  const message = `Cannot import a storage of the type ${value} (${from}): the Go tool does not know it`;
  return new BackupError("invalid", message, { hint: `the types are local, ${Object.keys(SERVICES).join(", ")}` });
}

function toLocal({ root, localPath: { value: readableByMilvus } }: GoSide): ToldStorage["storage"] {
  return { type: "local", path: root.value, ...(readableByMilvus !== "" && { readableByMilvus }) };
}

/** Of AWS the SDK knows the endpoint by the region. */
function toEndpoint({ region, address, port, useSsl }: GoSide, service: Service): object {
  const host = address.value;
  const isAws = /\.amazonaws\.com(\.cn)?$/.test(host);
  const ownRegion = region.value || /^s3[.-]([a-z]+-[a-z]+-\d)\./.exec(host)?.[1];
  return {
    ...(!isAws && { endpoint: `${isTrue(useSsl.value) ? "https" : "http"}://${host}:${port.value}` }),
    ...(ownRegion !== undefined && { region: ownRegion }),
    ...(service === "host" && { forcePathStyle: false }),
  };
}

function toPrefix({ root }: GoSide): object {
  const prefix = root.value.replaceAll(/^\/+|\/+$/g, "");
  return prefix === "" ? {} : { prefix };
}

function isRole({ role }: GoSide): boolean {
  return isTrue(role.value) || ["iam", "default"].includes(role.value.toLowerCase());
}

function withCredentials({ accessKeyId, secretKey, token }: GoSide, place: object): Omit<ToldStorage, "leftOut"> {
  const credentials = {
    accessKeyId: accessKeyId.value,
    secretAccessKey: { env: secretKey.variable },
    ...(token && { sessionToken: { env: token.variable } }),
  };
  const secrets = token === undefined ? [secretKey] : [secretKey, token];
  return {
    storage: { ...place, credentials },
    variables: secrets.map(({ variable, from }) => ({ name: variable, from })),
  };
}

/** As Go reads it. */
export function isTrue(text: string): boolean {
  return /^(?:1|t|true)$/i.test(text);
}
