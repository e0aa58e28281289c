import type { CollectionName } from "../core/collection-name.ts";
import type { Finding } from "../core/finding.ts";
import { hasObjects } from "../io/list-objects.ts";
import type { MilvusCall, SegmentInfo } from "../milvus/types.ts";
import { isMilvusError } from "../milvus/errors.ts";
import { listSegments } from "../milvus/segments.ts";
import { listInventory } from "./inventory.ts";
import type { OpenSource } from "./places.ts";

/** Whether Milvus answers, and whether the storage that the config gives it is really its own. */
export async function checkSource(source: OpenSource, call: MilvusCall = {}): Promise<readonly Finding[]> {
  const subject = `source ${source.name}`;
  const { version, warnings, address } = source.milvus;
  const greeting: Finding = {
    subject,
    check: "milvus",
    status: "ok",
    message: `Milvus ${version.text} answers at ${address}`,
  };
  const cautions = warnings.map((message): Finding => ({ subject, check: "version", status: "warning", message }));
  const { collections } = await listInventory(source.milvus, call);
  return [greeting, ...cautions, await checkStorage(source, collections, call)];
}

/** Whether the files of a segment that Milvus says it has persisted are in the storage that the config gives it. */
export async function checkStorage(
  source: OpenSource,
  collections: readonly CollectionName[],
  call: MilvusCall = {},
): Promise<Finding> {
  const subject = `source ${source.name}`;
  const place = placeOf(source);
  const check = "storage";
  for (const collection of collections.slice(0, ASKED)) {
    const segment = await findSegment(source, collection, call);
    if (segment === undefined) continue;
    if (await hasFiles(source, segment, call)) {
      return { subject, check, status: "ok", message: `the files of segment ${segment.id} are in ${place}` };
    }
    if (await isGone(source, { collection, segment }, call)) continue;
    return {
      subject,
      check,
      status: "failed",
      message: `the files of segment ${segment.id} are not in ${place}, below ${directoryOf(segment)}`,
      hint: "set bucket and prefix (or path) of the source's storage to Milvus's minio.bucketName and minio.rootPath (or localStorage.path)",
      code: "unreachable",
    };
  }
  const message = `no collection has a persisted row yet, so nothing shows whether ${place} is this Milvus's own`;
  return { subject, check, status: "warning", message, hint: "insert a row, flush, and check again" };
}

/** So many collections are asked; with none of them persisted the others are left to the backup itself. */
const ASKED = 50;

async function findSegment(
  source: OpenSource,
  collection: CollectionName,
  call: MilvusCall,
): Promise<SegmentInfo | undefined> {
  const segments = await segmentsOf(source, collection, call);
  return segments.find(({ state, rows }) => state === "flushed" && rows > 0n);
}

/** None of a collection that was dropped since it was listed. */
async function segmentsOf(
  { milvus }: OpenSource,
  { database, name }: CollectionName,
  call: MilvusCall,
): Promise<readonly SegmentInfo[]> {
  try {
    return await listSegments(milvus, { database, collection: name }, call);
  } catch (error) {
    if (isMilvusError(error, "collection-not-found", "database-not-found")) return [];
    throw error;
  }
}

function hasFiles({ segments }: OpenSource, segment: SegmentInfo, { signal }: MilvusCall): Promise<boolean> {
  return hasObjects(segments, directoryOf(segment), { signal });
}

/** Compacted and collected since it was listed: its files prove nothing. */
async function isGone(
  source: OpenSource,
  { collection, segment }: { readonly collection: CollectionName; readonly segment: SegmentInfo },
  call: MilvusCall,
): Promise<boolean> {
  const segments = await segmentsOf(source, collection, call);
  return !segments.some(({ id, state }) => id === segment.id && state === "flushed");
}

function directoryOf({ collectionId, partitionId, id }: SegmentInfo): string {
  return `insert_log/${collectionId}/${partitionId}/${id}/`;
}

function placeOf({ segments }: OpenSource): string {
  const { endpoint, bucket, path, prefix } = segments.location;
  return [endpoint, bucket, path, prefix].filter((part) => part !== undefined && part !== "").join("/");
}
