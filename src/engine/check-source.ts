import type { CollectionName } from "../core/collection-name.ts";
import type { Finding } from "../core/finding.ts";
import type { MilvusCall, SegmentInfo } from "../milvus/types.ts";
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
  const segment = await findSegment(source, collections, call);
  const place = placeOf(source);
  const check = "storage";
  if (segment === undefined) {
    const message = `no collection has a persisted row yet, so nothing shows whether ${place} is this Milvus's own`;
    return { subject, check, status: "warning", message, hint: "insert a row, flush, and check again" };
  }
  const prefix = `insert_log/${segment.collectionId}/${segment.partitionId}/${segment.id}/`;
  for await (const _ of source.segments.list(prefix, { signal: call.signal })) {
    return { subject, check, status: "ok", message: `the files of segment ${segment.id} are in ${place}` };
  }
  return {
    subject,
    check,
    status: "failed",
    message: `the files of segment ${segment.id} are not in ${place}, below ${prefix}`,
    hint: "set bucket and prefix (or path) of the source's storage to Milvus's minio.bucketName and minio.rootPath (or localStorage.path)",
    code: "unreachable",
  };
}

/** So many collections are asked; with none of them persisted the others are left to the backup itself. */
const ASKED = 50;

async function findSegment(
  { milvus }: OpenSource,
  collections: readonly CollectionName[],
  call: MilvusCall,
): Promise<SegmentInfo | undefined> {
  for (const { database, name } of collections.slice(0, ASKED)) {
    const segments = await listSegments(milvus, { database, collection: name }, call);
    const found = segments.find(({ state, rows }) => state === "flushed" && rows > 0n);
    if (found !== undefined) return found;
  }
  return undefined;
}

function placeOf({ segments }: OpenSource): string {
  const { endpoint, bucket, path, prefix } = segments.location;
  return [endpoint, bucket, path, prefix].filter((part) => part !== undefined && part !== "").join("/");
}
