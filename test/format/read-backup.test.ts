import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBackupError } from "../../src/core/errors.ts";
import { importUnits } from "../../src/format/import-units.ts";
import { readHead } from "../../src/format/meta-files.ts";
import type { OpenFile } from "../../src/format/meta-files.ts";
import type { BackupHead, CollectionMeta } from "../../src/format/meta.ts";
import { readBackup } from "../../src/format/read-backup.ts";
import { segmentObjects } from "../../src/format/segment-objects.ts";
import { collect } from "../support/collect.ts";
import { readGolden } from "../support/golden.ts";
import { openFiles } from "../support/memory-files.ts";

interface Whole {
  readonly head: BackupHead;
  readonly collections: readonly CollectionMeta[];
}

async function readAll(open: OpenFile): Promise<Whole> {
  const { head, collections } = await readBackup(open);
  return { head, collections: await collect(collections) };
}

async function whyNot(open: OpenFile): Promise<unknown> {
  try {
    await readAll(open);
  } catch (error) {
    if (isBackupError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error("This was read");
}

/** The four files of a backup of before databases, groups, L0 segments and full_meta.json. */
const LEVELS = {
  "meta/backup_meta.json": '{"id":"x","state_code":2,"start_time":7,"name":"old","size":0}',
  "meta/collection_meta.json": `{"infos":[
    {"collection_id":10,"collection_name":"book","schema":{"name":"book","fields":[{"fieldID":100,"name":"id","data_type":5}]},
     "partition_backups":[{"partition_id":99}],"size":1,"has_index":false,
     "l0_segments":[{"segment_id":31,"collection_id":10,"partition_id":-1,"size":3,"is_l0":true}]},
    {"collection_id":11,"collection_name":"empty","schema":{},"size":0,"has_index":false}]}`,
  "meta/partition_meta.json": `{"infos":[
    {"partition_id":20,"partition_name":"_default","collection_id":10,"size":0},
    {"partition_id":21,"partition_name":"new","collection_id":10,"size":0}]}`,
  "meta/segment_meta.json": `{"infos":[
    {"segment_id":30,"collection_id":10,"partition_id":20,"num_of_rows":5,"size":8},
    {"segment_id":32,"collection_id":10,"partition_id":20,"num_of_rows":6,"size":9}]}`,
};

describe("readBackup", () => {
  it("readBackup() joins the level files when there is no full_meta.json", async () => {
    expect(await readAll(openFiles(LEVELS))).toEqual({
      head: { id: "x", state_code: 2, start_time: 7n, name: "old", size: 17n },
      collections: [
        {
          collection_id: 10n,
          db_name: "default",
          collection_name: "book",
          schema: { name: "book", fields: [{ fieldID: 100n, name: "id", data_type: 5 }] },
          partition_backups: [
            {
              partition_id: 20n,
              partition_name: "_default",
              collection_id: 10n,
              segment_backups: [
                { segment_id: 30n, collection_id: 10n, partition_id: 20n, num_of_rows: 5n, size: 8n },
                { segment_id: 32n, collection_id: 10n, partition_id: 20n, num_of_rows: 6n, size: 9n },
              ],
              size: 17n,
            },
            { partition_id: 21n, partition_name: "new", collection_id: 10n, segment_backups: [], size: 0n },
          ],
          size: 17n,
          has_index: false,
          l0_segments: [{ segment_id: 31n, collection_id: 10n, partition_id: -1n, size: 3n, is_l0: true }],
        },
        {
          collection_id: 11n,
          db_name: "default",
          collection_name: "empty",
          schema: { name: "", fields: [] },
          partition_backups: [],
          size: 0n,
          has_index: false,
        },
      ],
    });
  });

  it("readBackup() believes full_meta.json alone when it is there", async () => {
    const full =
      '{"collection_backups":[{"collection_id":1,"collection_name":"a"}],"size":5,"state_code":0,"format":""}';
    expect(await readAll(openFiles({ ...LEVELS, "meta/full_meta.json": full }))).toEqual({
      head: { state_code: 0, size: 5n },
      collections: [
        {
          collection_id: 1n,
          db_name: "default",
          collection_name: "a",
          schema: { name: "", fields: [] },
          size: 0n,
          has_index: false,
        },
      ],
    });
  });

  it("readBackup() can be gone through twice", async () => {
    const { collections } = await readBackup(openFiles(LEVELS));
    expect(await collect(collections)).toEqual(await collect(collections));
  });

  it("readBackup() says that there is no backup", async () => {
    expect(await whyNot(openFiles({}))).toBe(
      "not-found: Cannot read the backup: it has neither meta/full_meta.json nor meta/backup_meta.json",
    );
  });

  it.each(["meta/collection_meta.json", "meta/partition_meta.json", "meta/segment_meta.json"])(
    "readBackup() says that %s is missing",
    async (missing) => {
      const files = Object.fromEntries(Object.entries(LEVELS).filter(([key]) => key !== missing));
      expect(await whyNot(openFiles(files))).toBe(
        `damaged: Cannot read the backup: meta/full_meta.json is missing, and so is ${missing}`,
      );
    },
  );

  it.each(["meta/full_meta.json", "meta/backup_meta.json"])(
    "readBackup() refuses the snapshot format of %s",
    async (file) => {
      const files = { ...LEVELS, [file]: '{"state_code":0,"size":0,"format":"snapshot"}' };
      expect(await whyNot(openFiles(files))).toBe(
        'refused: Cannot read a backup in the format "snapshot": only binlogs are known',
      );
    },
  );

  it("readBackup() refuses segments and partitions that nothing holds", async () => {
    const segment = '{"infos":[{"segment_id":1,"collection_id":10,"partition_id":77,"size":8}]}';
    expect(await whyNot(openFiles({ ...LEVELS, "meta/segment_meta.json": segment }))).toBe(
      "damaged: Cannot read meta/segment_meta.json: partition 10/77 is not in meta/partition_meta.json",
    );
    expect(await whyNot(openFiles({ ...LEVELS, "meta/collection_meta.json": "{}" }))).toBe(
      "damaged: Cannot read meta/partition_meta.json: collection 10 is not in meta/collection_meta.json",
    );
  });

  it("readBackup() refuses a list whose key hides in escapes", async () => {
    const full = String.raw`{"collection\u005fbackups":[{"collection_id":1}],"size":0}`;
    expect(await whyNot(openFiles({ "meta/full_meta.json": full }))).toContain(
      "the key of its list is spelled with escapes",
    );
  });

  it("readBackup() refuses a list that is something else", async () => {
    expect(await whyNot(openFiles({ "meta/full_meta.json": '{"collection_backups":{"a":1}}' }))).toContain(
      "in collection_backups: a list should stand here, not an object",
    );
  });

  it("readBackup() ends in a BackupError, whatever bytes a file is changed to", async () => {
    const full = new TextEncoder().encode(await readGolden("v0.5.16", "meta/full_meta.json"));
    const change = fc.record({
      at: fc.nat(full.length - 1),
      byte: fc.nat(255),
      length: fc.oneof(fc.constant(full.length), fc.nat(full.length)),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, byte, length }) => {
        const changed = full.slice(0, length);
        changed[at] = byte;
        const useAll = async (): Promise<string> => {
          const { collections } = await readAll(openFiles({ "meta/full_meta.json": changed }));
          for (const collection of collections) [...segmentObjects(collection), ...importUnits(collection)].toString();
          return "read";
        };
        const outcome = await useAll().catch((error: unknown) => (isBackupError(error) ? error.code : error));
        expect(["read", "damaged", "refused"]).toContain(outcome);
      }),
      { numRuns: 60 },
    );
  });

  it("readBackup() ends in a BackupError for any bytes at all", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        expect(await whyNot(openFiles({ "meta/full_meta.json": bytes }))).toMatch(/^damaged: /);
      }),
    );
  });
});

describe("readHead", () => {
  it("readHead() reads backup_meta.json alone, of any format", async () => {
    const open = openFiles({ "meta/backup_meta.json": '{"name":"b","state_code":0,"size":7,"format":"snapshot"}' });
    expect(await readHead(open)).toEqual({ name: "b", state_code: 0, size: 7n, format: "snapshot" });
  });

  it("readHead() is undefined when there is no such file", async () => {
    expect(await readHead(openFiles({}))).toBe(undefined);
  });
});
