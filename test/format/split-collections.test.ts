import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeMessage } from "../../src/format/encode-message.ts";
import { META_KEYS } from "../../src/format/keys.ts";
import { FULL } from "../../src/format/messages.ts";
import type { BackupHead, CollectionMeta, PartitionMeta, SegmentMeta } from "../../src/format/meta.ts";
import { readBackup } from "../../src/format/read-backup.ts";
import { splitCollections } from "../../src/format/split-collections.ts";
import { anyOf } from "../support/arbitrary-meta.ts";
import { GOLDEN_RELEASES, readGolden } from "../support/golden.ts";
import { collect } from "../support/collect.ts";
import { inChunks } from "../support/memory-files.ts";

interface Joined {
  readonly head: BackupHead | undefined;
  readonly collections: readonly CollectionMeta[];
}

/** The pieces, each put into what comes behind it. */
async function join(text: string, chunkBytes: number): Promise<Joined> {
  const collections: CollectionMeta[] = [];
  let partitions: PartitionMeta[] = [];
  let segments: SegmentMeta[] = [];
  let head: BackupHead | undefined;
  for await (const piece of splitCollections(inChunks(text, chunkBytes))) {
    if (piece.kind === "segment") segments.push(piece.segment);
    else if (piece.kind === "head") ({ head } = piece);
    else if (piece.kind === "partition") {
      partitions.push({ ...piece.partition, ...(segments.length > 0 && { segment_backups: segments }) });
      segments = [];
    } else {
      collections.push({ ...piece.collection, ...(partitions.length > 0 && { partition_backups: partitions }) });
      partitions = [];
    }
  }
  return { head, collections };
}

async function readWhole(text: string): Promise<Joined> {
  const { head, collections } = await readBackup(async (key) => (key === META_KEYS.full ? inChunks(text) : undefined));
  return { head, collections: await collect(collections) };
}

describe("splitCollections", () => {
  it.each(GOLDEN_RELEASES)("splitCollections() gives all of %s, wherever the chunks end", async (release) => {
    const text = await readGolden(release, META_KEYS.full);
    const whole = await readWhole(text);
    expect(whole.collections.length).toBeGreaterThan(0);
    for (const chunkBytes of [61, 65_536]) expect(await join(text, chunkBytes)).toEqual(whole);
  });

  it("splitCollections() gives all of any full_meta.json", async () => {
    await fc.assert(
      fc.asyncProperty(anyOf(FULL), fc.integer({ min: 1, max: 99 }), async (full, chunkBytes) => {
        const text = encodeMessage(FULL, { ...full, format: "" });
        expect(await join(text, chunkBytes)).toEqual(await readWhole(text));
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ["nothing", '{"collection_backups":[ ]}', 0],
    ["null", '{"collection_backups":null}', 0],
    ["a collection without partitions", '{"collection_backups":[{"partition_backups":[\n]}]}', 1],
    [
      "null for a partition and a segment",
      '{"collection_backups":[{"partition_backups":[null,{"segment_backups":[null]}]}]}',
      1,
    ],
  ])("splitCollections() reads %s as the whole file is read", async (_, text, collections) => {
    const joined = await join(text, 5);
    expect([joined, joined.collections.length]).toEqual([await readWhole(text), collections]);
  });

  it.each([
    [
      '{"collection_backups":[{"partition_backups":[{"segment_backups":[{"segment_id":1},{"segment_id":x}]}]}]}',
      "Cannot read meta/full_meta.json at byte 96 in collection_backups[0].partition_backups[0].segment_backups[1].segment_id: a value should begin here",
    ],
    [
      '{"collection_backups":[{"partition_backups":[{"segment_backups":[{}],"size":x}]}]}',
      "Cannot read meta/full_meta.json at byte 76 in collection_backups[0].partition_backups[0].size: a value should begin here",
    ],
    [
      '{"collection_backups":[{"partition_backups":[{}',
      "Cannot read meta/full_meta.json at byte 47: it ends too early",
    ],
    [
      String.raw`{"collection_backups":[{"partition_backup\u0073":[{}]}]}`,
      "Cannot read meta/full_meta.json in collection_backups[0]: the key of its list is spelled with escapes",
    ],
  ])("splitCollections() says where %s is damaged", async (text, message) => {
    await expect(join(text, 4)).rejects.toThrow(message);
  });
});
