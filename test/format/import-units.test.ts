import { describe, expect, it } from "vitest";
import { importUnits } from "../../src/format/import-units.ts";
import type { CollectionMeta, SegmentMeta } from "../../src/format/meta.ts";
import { collectionMeta, logs, partitionMeta, segmentMeta } from "../support/metas.ts";

function withSegments(...segments: readonly SegmentMeta[]): CollectionMeta {
  return collectionMeta({ partition_backups: [partitionMeta({ segment_backups: segments })] });
}

const ROWS = { kind: "rows", partitionId: 20n, partitionName: "_default", storageVersion: 0n };
const DELETES = { kind: "deletes", storageVersion: 0n };

describe("importUnits", () => {
  it("importUnits() gives each segment a unit of its own in today's layout, deletes last and of all partitions at the very end", () => {
    const other = partitionMeta({ partition_id: 21n, partition_name: "fiction" });
    const collection = collectionMeta({
      l0_segments: [segmentMeta(40n, { partition_id: -1n, binlogs: [], deltalogs: [logs(0n, 401n)], is_l0: true })],
      partition_backups: [
        partitionMeta({
          segment_backups: [
            segmentMeta(30n, { group_id: 30n, deltalogs: [{}] }),
            segmentMeta(31n, { group_id: 31n, binlogs: [], num_of_rows: 0n, deltalogs: [logs(0n, 311n)], is_l0: true }),
            segmentMeta(32n, { group_id: 32n, storage_version: 2n }),
          ],
        }),
        {
          ...other,
          segment_backups: [segmentMeta(33n, { partition_id: 21n, group_id: 33n, deltalogs: [logs(0n, 331n)] })],
        },
      ],
    });
    expect(importUnits(collection)).toEqual([
      { ...ROWS, insertPrefix: "binlogs/insert_log/10/20/30/", segments: [30n], rows: 5n },
      { ...ROWS, insertPrefix: "binlogs/insert_log/10/20/32/", segments: [32n], rows: 5n, storageVersion: 2n },
      {
        ...ROWS,
        partitionId: 21n,
        partitionName: "fiction",
        insertPrefix: "binlogs/insert_log/10/21/33/",
        deltaPrefix: "binlogs/delta_log/10/21/33/",
        segments: [33n],
        rows: 5n,
      },
      {
        ...DELETES,
        partitionId: 20n,
        partitionName: "_default",
        deltaPrefix: "binlogs/delta_log/10/20/31/",
        segments: [31n],
      },
      { ...DELETES, partitionId: -1n, deltaPrefix: "binlogs/delta_log/10/-1/40/", segments: [40n] },
    ]);
  });

  it("importUnits() imports a partition without groups once", () => {
    const collection = withSegments(segmentMeta(30n), segmentMeta(31n, { deltalogs: [logs(311n, 311n)] }));
    expect(importUnits(collection)).toEqual([
      {
        ...ROWS,
        insertPrefix: "binlogs/insert_log/10/20/",
        deltaPrefix: "binlogs/delta_log/10/20/",
        segments: [30n, 31n],
        rows: 10n,
      },
    ]);
  });

  it("importUnits() imports a group that segments share once", () => {
    const collection = withSegments(
      segmentMeta(30n, { group_id: 1n }),
      segmentMeta(31n, { group_id: 2n }),
      segmentMeta(32n, { group_id: 1n }),
    );
    expect(importUnits(collection)).toEqual([
      { ...ROWS, insertPrefix: "binlogs/insert_log/10/20/1/", segments: [30n, 32n], rows: 10n },
      { ...ROWS, insertPrefix: "binlogs/insert_log/10/20/2/", segments: [31n], rows: 5n },
    ]);
  });

  it("importUnits() takes a segment of deletes without group and mark for an L0 segment", () => {
    const collection = withSegments(
      segmentMeta(30n, { group_id: 30n }),
      segmentMeta(31n, { binlogs: [], num_of_rows: 0n, deltalogs: [logs(0n, 311n)] }),
    );
    expect(importUnits(collection)).toEqual([
      { ...ROWS, insertPrefix: "binlogs/insert_log/10/20/30/", segments: [30n], rows: 5n },
      {
        ...DELETES,
        partitionId: 20n,
        partitionName: "_default",
        deltaPrefix: "binlogs/delta_log/10/20/31/",
        segments: [31n],
      },
    ]);
  });

  it("importUnits() leaves out segments without files", () => {
    const empty = segmentMeta(30n, { num_of_rows: 0n, binlogs: [{}], deltalogs: [{}] });
    expect(importUnits(withSegments(empty, { ...empty, segment_id: 31n, is_l0: true }))).toEqual([]);
  });

  it.each([
    ["rows without files", [segmentMeta(30n, { binlogs: [] })], "segment 30 has 5 rows and no insert logs"],
    [
      "rows of which only the deletes are there",
      [segmentMeta(30n, { binlogs: [], deltalogs: [logs(0n, 301n)] })],
      "segment 30 has 5 rows and no insert logs",
    ],
    [
      "segments with and without group",
      [segmentMeta(30n), segmentMeta(31n, { group_id: 31n })],
      "partition 20 has segments with and without a group",
    ],
    [
      "two storage versions in one directory",
      [segmentMeta(30n), segmentMeta(31n, { storage_version: 2n })],
      "binlogs/insert_log/10/20/ mixes the storage versions 0 and 2",
    ],
  ])("importUnits() refuses %s", (_, segments, message) => {
    expect(() => importUnits(withSegments(...segments))).toThrow(`Cannot read the meta files: ${message}`);
  });
});
