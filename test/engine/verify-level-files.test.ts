import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLevelSums } from "../../src/engine/verify-level-files.ts";
import { META_KEYS } from "../../src/format/keys.ts";
import { COLLECTION } from "../../src/format/messages.ts";
import type { CollectionMeta, PartitionMeta } from "../../src/format/meta.ts";
import { readLevel } from "../../src/format/meta-files.ts";
import { splitCollections } from "../../src/format/split-collections.ts";
import { encodeCollection, metaFrame } from "../../src/format/write-meta.ts";
import { anyOf } from "../support/arbitrary-meta.ts";
import { collect } from "../support/collect.ts";

async function* bytesOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

function describeIt(collection: CollectionMeta): string | undefined {
  const sums = createLevelSums();
  sums.add({ collection, levels: { segments: 0, bytes: 0n, rows: 0n } });
  return sums.of(collection.collection_id)?.description;
}

/** As it is read back from full_meta.json, and from collection_meta.json. */
async function readBack(given: CollectionMeta): Promise<readonly (CollectionMeta | undefined)[]> {
  const encoded = encodeCollection(given);
  const head = { state_code: 2, size: 0n };
  const [full, level] = [metaFrame("full", head), metaFrame("collection", head)];
  const pieces = await collect(splitCollections(bytesOf(full.prefix, ...encoded.full, full.suffix)));
  const partitions = pieces.flatMap((piece): readonly PartitionMeta[] =>
    piece.kind === "partition" ? [piece.partition] : [],
  );
  const [frame] = pieces.flatMap((piece) => (piece.kind === "collection" ? [piece.collection] : []));
  const open = async () => bytesOf(level.prefix, encoded.collection, level.suffix);
  const [own] = await collect(readLevel(open, META_KEYS.collection, COLLECTION));
  return [frame && { ...frame, partition_backups: partitions }, own];
}

describe("createLevelSums", () => {
  it("createLevelSums() describes any collection the same by both files that have it", async () => {
    await fc.assert(
      fc.asyncProperty(anyOf(COLLECTION), async (collection) => {
        const [full, level] = await readBack(collection);
        expect(full && describeIt(full)).toBe(level && describeIt(level));
      }),
      { numRuns: 20 },
    );
  });

  it("createLevelSums() describes collections of other names differently", async () => {
    await fc.assert(
      fc.property(anyOf(COLLECTION), (collection) => {
        const other = { ...collection, collection_name: `${collection.collection_name}_` };
        expect(describeIt(other)).not.toBe(describeIt(collection));
      }),
      { numRuns: 20 },
    );
  });
});
