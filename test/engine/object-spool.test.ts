import { expect, it } from "vitest";
import { openObjectSpool } from "../../src/engine/object-spool.ts";
import type { SpooledCollection } from "../../src/engine/object-spool.ts";
import { openPieces } from "../../src/format/meta-pieces.ts";
import type { CollectionMeta, SegmentMeta } from "../../src/format/meta.ts";
import { readBackup } from "../../src/format/read-backup.ts";
import { segmentObjects } from "../../src/format/segment-objects.ts";
import type { MetaPiece } from "../../src/format/split-collections.ts";
import { collect } from "../support/collect.ts";
import { GOLDEN_RELEASES, openGolden } from "../support/golden.ts";
import { collectionMeta, logs, partitionMeta, segmentMeta } from "../support/metas.ts";

async function* piecesOf(
  segments: readonly SegmentMeta[],
  collection: Partial<CollectionMeta> = {},
): AsyncGenerator<MetaPiece> {
  for (const segment of segments) yield { kind: "segment", segment };
  yield { kind: "partition", partition: partitionMeta() };
  yield { kind: "collection", collection: collectionMeta(collection) };
}

async function spool(...given: Parameters<typeof piecesOf>): Promise<SpooledCollection | undefined> {
  await using opened = await openObjectSpool("r1");
  const [first] = await collect(opened.read(piecesOf(...given)));
  return first;
}

it.each(
  GOLDEN_RELEASES.flatMap((release) => [[release, "full_meta.json"] as const, [release, "its level files"] as const]),
)("openObjectSpool() gives every object that %s names in %s", async (release, file) => {
  const open = openGolden(release, file === "full_meta.json" ? [] : ["meta/full_meta.json"]);
  const { collections } = await readBackup(open);
  await using opened = await openObjectSpool("r1");
  const { pieces } = await openPieces(open);
  const spooled = await collect(opened.read(pieces));
  const whole = await collect(collections);
  expect(spooled.map(({ fault }) => fault)).toEqual(whole.map(() => undefined));
  for (const meta of whole) {
    const objects = [...segmentObjects(meta)].map(({ key, bytes }) => ({ key, bytes }));
    expect(await collect(opened.objects(meta.collection_id.toString()))).toEqual(objects);
  }
});

it("openObjectSpool() counts what a collection has, and the L0 segments of all partitions beside its own", async () => {
  const ofAll = segmentMeta(9n, { partition_id: -1n, binlogs: [], deltalogs: [logs(0n, 91n)], num_of_rows: 0n });
  const found = await spool([segmentMeta(1n), segmentMeta(2n)], { l0_segments: [ofAll] });
  expect([found?.fault, found?.levels, found?.counted]).toEqual([
    undefined,
    { segments: 2, bytes: 16n, rows: 10n },
    { objects: { insert: 2, delta: 1 }, bytes: 24, segments: 3, rows: 10 },
  ]);
});

it.each<[string, readonly SegmentMeta[], RegExp]>([
  ["is there twice", [segmentMeta(1n), segmentMeta(1n)], /has the segment 1 twice/],
  ["claims another partition", [segmentMeta(1n), segmentMeta(2n, { partition_id: 21n })], /segment 2 of 10\/20 says/],
  ["claims another collection", [segmentMeta(2n, { collection_id: 11n })], /segment 2 of 10\/20 says/],
  ["has an id that is none", [segmentMeta(1n), segmentMeta(-1n)], /segment -1 of 10\/20 has a negative id/],
  ["has a group that is none", [segmentMeta(1n, { group_id: -3n })], /segment 1 of 10\/20 has a negative id/],
  ["has a log that is none", [segmentMeta(1n, { binlogs: [logs(100n, -1n)] })], /negative id/],
])("openObjectSpool() notes that a segment %s", async (_, segments, message) => {
  expect((await spool(segments))?.fault?.message).toMatch(message);
});

it("openObjectSpool() takes a segment of more logs than a call has arguments", async () => {
  const many = Array.from({ length: 150_000 }, (_, at) => ({ log_id: BigInt(at + 1), log_size: 1n }));
  const found = await spool([segmentMeta(1n, { binlogs: [{ fieldID: 100n, binlogs: many }] })]);
  expect([found?.fault, found?.counted.objects.insert]).toEqual([undefined, 150_000]);
});
