import type { StorageLocation } from "./contracts/storage.ts";

export interface PlaceInput {
  /** Where the backups are, prefix included. */
  readonly backups: StorageLocation;
  /** The whole of the bucket or directory that Milvus keeps its segments in. */
  readonly milvus: StorageLocation;
  /** What the configs say of either: true, or the directory's name as the Milvus process sees it. */
  readonly backupsReadable?: boolean | string | undefined;
  readonly milvusReadable?: boolean | string | undefined;
}

/**
 * How Milvus itself names the place of the backups: a key in its own bucket, or a directory; undefined when it cannot
 * read them there and they must be copied into its storage first.
 */
export function placeForMilvus(input: PlaceInput): string | undefined {
  const { backups, milvus } = input;
  if (backups.type === "local" && milvus.type === "local") return directoryForMilvus(input);
  const isSameBucket =
    backups.type === milvus.type &&
    backups.type !== "local" &&
    backups.bucket !== undefined &&
    backups.bucket === milvus.bucket &&
    backups.endpoint === milvus.endpoint &&
    backups.region === milvus.region;
  return isSameBucket ? backups.prefix : undefined;
}

function directoryForMilvus(input: PlaceInput): string | undefined {
  const directory = directoryOf(input.backups);
  if (typeof input.backupsReadable === "string") return withPrefix(input.backupsReadable, input.backups.prefix);
  const root = directoryOf(input.milvus);
  if (directory === root || directory.startsWith(`${root}/`)) return milvusRoot(input) + directory.slice(root.length);
  return input.backupsReadable === true ? directory : undefined;
}

/** How Milvus names the root of its own storage: "" for a bucket. */
export function milvusRoot({ milvus, milvusReadable }: Pick<PlaceInput, "milvus" | "milvusReadable">): string {
  if (milvus.type !== "local") return "";
  return typeof milvusReadable === "string" ? withoutSlash(milvusReadable) : directoryOf({ ...milvus, prefix: "" });
}

function directoryOf({ path = "", prefix }: StorageLocation): string {
  return withPrefix(path, prefix);
}

function withPrefix(path: string, prefix: string): string {
  return prefix === "" ? withoutSlash(path) : `${withoutSlash(path)}/${prefix}`;
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "");
}
