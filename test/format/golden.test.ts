import { describe, expect, it } from "vitest";
import { decodeMessage } from "../../src/format/decode-message.ts";
import { encodeMessage } from "../../src/format/encode-message.ts";
import { importUnits } from "../../src/format/import-units.ts";
import { META_KEYS } from "../../src/format/keys.ts";
import { readHead } from "../../src/format/meta-files.ts";
import { COLLECTION } from "../../src/format/messages.ts";
import type { CollectionMeta } from "../../src/format/meta.ts";
import { readBackup } from "../../src/format/read-backup.ts";
import type { BackupReading } from "../../src/format/read-backup.ts";
import { segmentObjects } from "../../src/format/segment-objects.ts";
import { encodeBackupMeta, encodeCollection, metaFrame } from "../../src/format/write-meta.ts";
import type { EncodedCollection } from "../../src/format/write-meta.ts";
import { GOLDEN_RELEASES, listGoldenPayload, openGolden, readGolden } from "../support/golden.ts";
import { collect } from "../support/collect.ts";

type File = "full" | "collection" | "partition" | "segment";

/** The files that make up a backup, as they would be written. */
async function writeAll({ head, collections }: BackupReading): Promise<Readonly<Record<string, string>>> {
  const encoded = (await collect(collections)).map((collection) => encodeCollection(collection, "as-is"));
  const file = (name: File, elements: readonly string[]): string => {
    const { prefix, suffix, empty } = metaFrame(name, head);
    return elements.length === 0 ? empty : prefix + elements.join(",") + suffix;
  };
  return {
    [META_KEYS.backup]: encodeBackupMeta(head),
    [META_KEYS.full]: file("full", encoded.map(fullOf)),
    [META_KEYS.collection]: file(
      "collection",
      encoded.map(({ collection }) => collection),
    ),
    [META_KEYS.partition]: file(
      "partition",
      encoded.flatMap(({ partitions }) => partitions),
    ),
    [META_KEYS.segment]: file(
      "segment",
      encoded.flatMap(({ segments }) => [...segments]),
    ),
  };
}

function fullOf({ full }: EncodedCollection): string {
  return [...full].join("");
}

describe("the Go tool's own backups", () => {
  it("come out byte by byte as v0.5.16 wrote them", async () => {
    const written = await writeAll(await readBackup(openGolden("v0.5.16")));
    for (const [key, text] of Object.entries(written)) expect(text, key).toBe(await readGolden("v0.5.16", key));
  });

  it("come out byte by byte as v0.4.15 wrote them, whose collection_meta.json has the segments too", async () => {
    const reading = await readBackup(openGolden("v0.4.15"));
    const { [META_KEYS.collection]: _level, ...written } = await writeAll(reading);
    for (const [key, text] of Object.entries(written)) expect(text, key).toBe(await readGolden("v0.4.15", key));
    const full = (await collect(reading.collections)).map((collection) =>
      fullOf(encodeCollection(collection, "as-is")),
    );
    expect(`{"infos":[${full.join(",")}]}`).toBe(await readGolden("v0.4.15", META_KEYS.collection));
  });

  it.each(GOLDEN_RELEASES)("are the same from the level files of %s as from full_meta.json", async (release) => {
    const full = await readBackup(openGolden(release));
    const joined = await readBackup(openGolden(release, [META_KEYS.full]));
    const { database_backups: _, ...head } = full.head; // only full_meta.json has them
    expect(joined.head).toEqual(head);
    expect(withoutEmptyLists(await collect(joined.collections))).toEqual(
      withoutEmptyLists(await collect(full.collections)),
    );
  });

  it.each(GOLDEN_RELEASES)("have exactly the objects on disk that the meta files of %s name", async (release) => {
    const { head, collections } = await readBackup(openGolden(release));
    const objects = (await collect(collections)).flatMap((collection) => [...segmentObjects(collection)]);
    const named = objects.map(({ key, bytes }) => ({ key, bytes })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
    expect(named).toEqual(await listGoldenPayload(release));
    expect(BigInt(named.reduce((sum, { bytes }) => sum + bytes, 0))).toBe(head.size);
  });

  it.each(GOLDEN_RELEASES)("import as many rows as %s counted, each segment for itself", async (release) => {
    const { collections } = await readBackup(openGolden(release));
    const rows: Record<string, string> = {};
    for await (const collection of collections) {
      const units = importUnits(collection).filter(({ kind }) => kind === "rows");
      const sum = units.reduce((total, unit) => total + (unit.kind === "rows" ? unit.rows : 0n), 0n);
      rows[`${collection.db_name}.${collection.collection_name}`] = `${sum} rows, ${units.length} imports`;
    }
    expect(rows).toEqual({
      "db1.book": "100 rows, 1 imports",
      "default.auto": "1000 rows, 1 imports",
      "default.book": "2000 rows, 2 imports",
      "default.empty": "0 rows, 0 imports",
      "default.users": "1000 rows, 16 imports",
    });
  });

  it("say what list shows without full_meta.json", async () => {
    const open = openGolden("v0.5.16", [META_KEYS.full]);
    expect(await readHead(open)).toEqual({
      id: "6f1580e7-e347-446e-9873-b3237434bf7d",
      state_code: 0,
      name: "golden",
      size: 460769n,
      milvus_version: "v2.3.5-lite",
    });
  });

  it.each(GOLDEN_RELEASES)(
    "of %s change in nothing but properties when they are written for all releases",
    async (release) => {
      const { collections } = await readBackup(openGolden(release));
      for await (const collection of collections) {
        const { schema, properties } = collection;
        const expected = { ...collection, schema: { ...schema, ...(properties === undefined ? {} : { properties }) } };
        const text = fullOf(encodeCollection(collection));
        expect(decodeMessage(COLLECTION, { text, file: "", offset: 0 })).toEqual(expected);
      }
    },
  );
});

/** A partition that the level files say is empty has an empty list, in full_meta.json it has none. */
function withoutEmptyLists(collections: readonly CollectionMeta[]): readonly string[] {
  return collections.map((collection) => encodeMessage(COLLECTION, collection));
}
