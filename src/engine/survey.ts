import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { CollectionFacts } from "../core/collection-facts.ts";
import type { CollectionName } from "../core/collection-name.ts";
import { formatName } from "../core/collection-name.ts";
import { aboutRowBytes, logsOfSegment } from "../format/row-width.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { describeCollection } from "../milvus/describe.ts";
import { isMilvusError } from "../milvus/errors.ts";
import { listSegments } from "../milvus/segments.ts";
import type { MilvusSession } from "../milvus/session.ts";
import type { MilvusCall } from "../milvus/types.ts";

/** Two requests a collection: enough to keep a Milvus busy, and to leave it time for others. */
const COLLECTIONS_AT_ONCE = 16;

/**
 * What the source knows of these collections, by "database.collection", without reading any data; those that were
 * dropped meanwhile are not in it. Rows that Milvus has not sealed yet are not counted.
 */
export async function surveyCollections(
  milvus: MilvusSession,
  collections: readonly CollectionName[],
  call: MilvusCall = {},
): Promise<ReadonlyMap<string, CollectionFacts>> {
  const facts = new Map<string, CollectionFacts>();
  if (call.signal !== undefined) setMaxListeners(0, call.signal);
  const each = { concurrency: COLLECTIONS_AT_ONCE, signal: call.signal };
  await forEachConcurrent(collections, each, async (collection) => {
    const known = await surveyIfThere(milvus, collection, call);
    if (known !== undefined) facts.set(formatName(collection), known);
  });
  return facts;
}

async function surveyIfThere(
  milvus: MilvusSession,
  collection: CollectionName,
  call: MilvusCall,
): Promise<CollectionFacts | undefined> {
  try {
    return await survey(milvus, collection, call);
  } catch (error) {
    if (isMilvusError(error, "collection-not-found", "database-not-found")) return undefined;
    throw error;
  }
}

async function survey(
  milvus: MilvusSession,
  { database, name }: CollectionName,
  call: MilvusCall,
): Promise<CollectionFacts> {
  const ref = { database, collection: name };
  const [{ schema, rawSchema, properties }, segments] = await Promise.all([
    describeCollection(milvus, ref, call),
    listSegments(milvus, ref, call),
  ]);
  const rows = segments.reduce((sum, segment) => sum + Number(segment.rows), 0);
  return {
    properties: Object.fromEntries(properties.map(({ key, value }) => [key, value])),
    schema: createHash("sha256").update(rawSchema).digest("hex"),
    estimate: {
      rows,
      bytes: rows * aboutRowBytes(schema),
      requests: segments.length * logsOfSegment(schema) * 2,
    },
  };
}
