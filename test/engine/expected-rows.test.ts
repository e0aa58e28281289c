import { beforeAll, describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { countExpectedRows, totalRows } from "../../src/engine/expected-rows.ts";
import type { CollectionMeta } from "../../src/format/meta.ts";
import { payloadKey } from "../../src/format/payload-keys.ts";
import { readBackup } from "../../src/format/read-backup.ts";
import { segmentObjects } from "../../src/format/segment-objects.ts";
import { bytesBody } from "../../src/io/body.ts";
import { collect } from "../support/collect.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { GOLDEN_RELEASES, openGolden } from "../support/golden.ts";
import type { GoldenRelease } from "../support/golden.ts";
import { writeGolden } from "../support/golden-storage.ts";
import { collectionMeta, partitionMeta, segmentMeta } from "../support/metas.ts";

const signal = new AbortController().signal;

describe.each(GOLDEN_RELEASES)("countExpectedRows() of %s", (release: GoldenRelease) => {
  const storage = openMemory();
  let metas: readonly CollectionMeta[] = [];
  beforeAll(async () => {
    await writeGolden(storage, release, "g1");
    metas = await collect((await readBackup(openGolden(release))).collections);
  });

  const count = (meta: CollectionMeta, from: Storage = storage) =>
    countExpectedRows({ storage: from, backup: "g1", collection: meta, signal, concurrency: 4 });
  const find = (name: string): CollectionMeta => {
    const meta = metas.find(({ db_name, collection_name }) => db_name === "default" && collection_name === name);
    if (meta === undefined) throw new TypeError(`There is no ${name}`);
    return meta;
  };

  it("countExpectedRows() tells written, deleted and live rows apart", async () => {
    expect(totalRows(await count(find("book")))).toEqual({ rows: 2000, deleted: 150, live: 1850 });
  });

  it("countExpectedRows() has an entry for every partition, also an empty one", async () => {
    for (const meta of metas) {
      const ids = meta.partition_backups?.map(({ partition_id }) => partition_id);
      expect([...(await count(meta)).keys()]).toEqual(ids);
    }
  });

  it("countExpectedRows() calls a segment damaged whose logs hold other rows than its meta says", async () => {
    const book = find("book");
    const more = book.partition_backups?.map((partition) => ({
      ...partition,
      segment_backups: partition.segment_backups?.map((segment) => ({ ...segment, num_of_rows: 7n })) ?? [],
    }));
    await expect(count({ ...book, ...(more && { partition_backups: more }) })).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("rows, not the 7 of its meta"),
    });
  });

  it.each([{ is_l0: true }, {}])(
    "countExpectedRows() applies deletes of an L0 segment of the partition, flagged %o",
    async (flag) => {
      const copy = openMemory();
      await writeGolden(copy, release, "g1");
      const book = find("book");
      const [partition] = book.partition_backups ?? [];
      const segments = partition?.segment_backups ?? [];
      const id = 5n;
      const l0 = {
        segment_id: id,
        group_id: id,
        partition_id: partition?.partition_id ?? 0n,
        collection_id: book.collection_id,
      };
      for (const { log, key } of segmentObjects(book)) {
        if (log.kind === "delta")
          await copy.link?.(`g1/${key}`, `g1/${payloadKey({ ...log, group: id, segment: id })}`);
      }
      const deltalogs = segments.flatMap((segment) => segment.deltalogs ?? []);
      const rows = segments.map(({ deltalogs: _deltalogs, ...segment }) => segment);
      const moved = partitionMeta({
        ...partition,
        segment_backups: [...rows, { ...l0, ...flag, size: 0n, deltalogs }],
      });
      const found = await count({ ...book, partition_backups: [moved] }, copy);
      expect([...found.values()]).toEqual([(await count(book)).get(moved.partition_id)]);
    },
  );

  it("countExpectedRows() reads nothing where nothing was deleted", async () => {
    const closed = failingStorage(
      storage,
      failOn("denied", ({ kind }) => kind === "read"),
    );
    const hasDeletes = (meta: CollectionMeta) => [...segmentObjects(meta)].some(({ log }) => log.kind === "delta");
    const without = metas.filter((meta) => !hasDeletes(meta));
    expect(without.length).toBeGreaterThan(0);
    for (const meta of without) expect(totalRows(await count(meta, closed)).deleted).toBe(0);
    await expect(count(find("book"), closed)).rejects.toMatchObject({ code: "denied" });
  });

  it("countExpectedRows() fails for a delta log that is damaged", async () => {
    const copy = openMemory();
    await writeGolden(copy, release, "g1");
    for await (const entry of copy.list("g1/binlogs/delta_log/")) {
      if (entry.kind === "object") await copy.write(entry.key, bytesBody("x".repeat(entry.bytes)));
    }
    await expect(count(find("book"), copy)).rejects.toMatchObject({ code: "damaged" });
  });
});

it("countExpectedRows() believes the rows that the meta names, and adds them up by partition", async () => {
  const collection = collectionMeta({
    partition_backups: [
      partitionMeta({ segment_backups: [segmentMeta(30n), segmentMeta(31n, { num_of_rows: 7n })] }),
      partitionMeta({ partition_id: 21n, partition_name: "empty" }),
    ],
  });
  const expected = await countExpectedRows({ storage: openMemory(), backup: "b1", collection, signal, concurrency: 1 });
  expect([...expected]).toEqual([
    [20n, { rows: 12, deleted: 0, live: 12 }],
    [21n, { rows: 0, deleted: 0, live: 0 }],
  ]);
  expect(totalRows(expected)).toEqual({ rows: 12, deleted: 0, live: 12 });
});
