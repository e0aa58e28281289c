import { resolvePaths } from "./paths.ts";
import { pluginOptions } from "./storage-options.ts";

/** Where a storage keeps its objects, as far as its options tell: what two of them are compared by. */
export interface StoragePlace {
  /** Equal for storages of the same service, bucket or disk. */
  readonly service: string;
  /** The directory or prefix, without slashes at its ends but for the first of a disk's. */
  readonly path: string;
}

/** Options that say how a storage is used, not where it is. */
const NOT_WHERE: ReadonlySet<string> = new Set([
  "path",
  "credentials",
  "tls",
  "sse",
  "storageClass",
  "partSize",
  "copyPartThreshold",
  "forcePathStyle",
  "region",
  "durable",
]);

/** The place of a storage as its config writes it, with a prefix below its own; what is wrong in it is told elsewhere. */
export function toStoragePlace(storage: object, prefix: unknown, directory: string): StoragePlace {
  const options = resolvePaths(pluginOptions(storage), directory);
  const where = Object.entries(options)
    .filter(([key]) => !NOT_WHERE.has(key))
    .map(([key, value]) => [key, key === "endpoint" ? normalizeUrl(value) : value])
    .toSorted();
  const { type, prefix: own } = storage as { readonly type?: unknown; readonly prefix?: unknown }; // of any kind, as they were written
  const parts = [options["path"], own, prefix].filter((part) => typeof part === "string" && part !== "");
  return { service: JSON.stringify([type, where]), path: parts.join("/") };
}

/** Whether objects of the one place lie in the other. */
export function isInside(place: StoragePlace, outer: StoragePlace): boolean {
  const isBelow = place.path === outer.path || outer.path === "" || place.path.startsWith(`${outer.path}/`);
  return place.service === outer.service && isBelow;
}

/** With its port and slash, however it was written. */
function normalizeUrl(url: unknown): unknown {
  return typeof url === "string" && URL.canParse(url) ? new URL(url).href : url;
}
