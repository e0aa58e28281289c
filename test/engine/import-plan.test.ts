import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planImportInPlace, planStagedImport } from "../../src/engine/import-plan.ts";
import type { CollectionMeta, SegmentMeta } from "../../src/format/meta.ts";
import { readBackup } from "../../src/format/read-backup.ts";
import { segmentObjects } from "../../src/format/segment-objects.ts";
import { findPathProblem } from "../../src/milvus/import-path.ts";
import { collect } from "../support/collect.ts";
import { GOLDEN_RELEASES, openGolden } from "../support/golden.ts";
import { collectionMeta, logs, partitionMeta, segmentMeta } from "../support/metas.ts";

const GB = 1024n ** 3n;

/** A segment with a group of its own, as both tools write it. */
function segment(id: bigint, given: Partial<SegmentMeta> = {}): SegmentMeta {
  return segmentMeta(id, { group_id: id, ...given });
}

function ofBytes(bytes: bigint, id: bigint): Partial<SegmentMeta> {
  return { binlogs: [{ fieldID: 100n, binlogs: [{ log_size: bytes, log_id: id }] }] };
}

function withSegments(...segments: readonly SegmentMeta[]): CollectionMeta {
  return collectionMeta({ partition_backups: [partitionMeta({ segment_backups: segments })] });
}

/** An L0 segment of all partitions. */
function l0(id: bigint): SegmentMeta {
  return { segment_id: id, collection_id: 10n, partition_id: -1n, is_l0: true, size: 8n, deltalogs: [logs(0n, id)] };
}

describe("planImportInPlace()", () => {
  it("planImportInPlace() imports the directories of the backup, each with a slash at its end, deletes last", () => {
    const meta = {
      ...withSegments(segment(30n, { deltalogs: [logs(0n, 9n)] }), segment(31n, { storage_version: 2n })),
      l0_segments: [l0(40n)],
    };
    expect(planImportInPlace(meta, "backups/b1")).toEqual({
      objects: [],
      tasks: [
        {
          partition: "_default",
          data: {
            kind: "segments",
            insertDirectory: "backups/b1/binlogs/insert_log/10/20/30/",
            deltaDirectory: "backups/b1/binlogs/delta_log/10/20/30/",
            storageVersion: 0n,
          },
          rows: 5,
        },
        {
          partition: "_default",
          data: {
            kind: "segments",
            insertDirectory: "backups/b1/binlogs/insert_log/10/20/31/",
            deltaDirectory: undefined,
            storageVersion: 2n,
          },
          rows: 5,
        },
        { partition: "", data: { kind: "l0", deltaDirectory: "backups/b1/binlogs/delta_log/10/-1/40/" }, rows: 0 },
      ],
    });
  });

  it("planImportInPlace() needs no directory before it, in a bucket's root", () => {
    const [task] = planImportInPlace(withSegments(segment(30n)), "").tasks;
    expect(task?.data).toMatchObject({ insertDirectory: "binlogs/insert_log/10/20/30/" });
  });
});

describe("planStagedImport()", () => {
  it("planStagedImport() lays segments of one partition side by side, with their deltas", () => {
    const meta = withSegments(segment(30n), segment(31n, { deltalogs: [logs(0n, 9n)] }));
    expect(planStagedImport(meta, "/data/temp/10")).toEqual({
      tasks: [
        {
          partition: "_default",
          data: {
            kind: "segments",
            insertDirectory: "/data/temp/10/insert_log/0/",
            deltaDirectory: "/data/temp/10/delta_log/0/",
            storageVersion: 0n,
          },
          rows: 10,
        },
      ],
      objects: [
        { sourceKey: "binlogs/insert_log/10/20/30/30/100/301", key: "insert_log/0/30/100/301", bytes: 8 },
        { sourceKey: "binlogs/insert_log/10/20/31/31/100/311", key: "insert_log/0/31/100/311", bytes: 8 },
        { sourceKey: "binlogs/delta_log/10/20/31/31/9", key: "delta_log/0/31/9", bytes: 8 },
      ],
    });
  });

  it("planStagedImport() names no delta directory where nothing was deleted: Milvus fails for one that is not there", () => {
    const [task] = planStagedImport(withSegments(segment(30n)), "t").tasks;
    expect(task?.data).toMatchObject({ deltaDirectory: undefined });
  });

  it("planStagedImport() joins no segments of different partitions or storage versions, nor L0 with rows or each other", () => {
    const meta = collectionMeta({
      partition_backups: [
        partitionMeta({
          segment_backups: [segment(30n), segment(31n, { storage_version: 2n }), segment(32n, { storage_version: 2n })],
        }),
        partitionMeta({
          partition_id: 21n,
          partition_name: "p",
          segment_backups: [segment(33n, { partition_id: 21n })],
        }),
      ],
      l0_segments: [l0(40n), l0(41n)],
    });
    const { tasks } = planStagedImport(meta, "t");
    expect(
      tasks.map(({ partition, data, rows }) => [
        partition,
        data.kind === "segments" ? data.storageVersion : data.kind,
        rows,
      ]),
    ).toEqual([
      ["_default", 0n, 5],
      ["_default", 2n, 10],
      ["p", 0n, 5],
      ["", "l0", 0],
      ["", "l0", 0],
    ]);
  });

  it("planStagedImport() makes tasks of 2 GiB and 256 segments at most, but cuts no segment", () => {
    const large = [3n * GB, GB, GB, 1n, 3n * GB].map((bytes, index) => segment(BigInt(30 + index), ofBytes(bytes, 1n)));
    expect(planStagedImport(withSegments(...large), "t").tasks.map(({ rows }) => rows / 5)).toEqual([1, 2, 1, 1]);
    const many = Array.from({ length: 600 }, (_, index) => segment(BigInt(1000 + index)));
    expect(planStagedImport(withSegments(...many), "t").tasks.map(({ rows }) => rows / 5)).toEqual([256, 256, 88]);
  });

  it("planStagedImport() stages every object once, to a place of its own, within the directory of just one task", () => {
    const anySegment = fc.record({
      hasDeltas: fc.boolean(),
      version: fc.constantFrom(0n, 2n),
      bytes: fc.constantFrom(8n, GB, 3n * GB),
      partition: fc.constantFrom(20n, 21n),
    });
    fc.assert(
      fc.property(fc.array(anySegment, { maxLength: 12 }), fc.nat(2), (segments, deletes) => {
        const made = segments.map(({ hasDeltas, version, bytes, partition }, index) =>
          segment(BigInt(30 + index), {
            ...ofBytes(bytes, 1n),
            partition_id: partition,
            storage_version: version,
            ...(hasDeltas && { deltalogs: [logs(0n, 9n)] }),
          }),
        );
        const meta = collectionMeta({
          partition_backups: [20n, 21n].map((id) =>
            partitionMeta({
              partition_id: id,
              segment_backups: made.filter(({ partition_id }) => partition_id === id),
            }),
          ),
          l0_segments: Array.from({ length: deletes }, (_, index) => l0(BigInt(90 + index))),
        });
        const { tasks, objects } = planStagedImport(meta, "t");
        const wanted = [...segmentObjects(meta)];
        expect(objects.map(({ sourceKey }) => sourceKey).toSorted()).toEqual(wanted.map(({ key }) => key).toSorted());
        expect(new Set(objects.map(({ key }) => key)).size).toBe(objects.length);
        expect(tasks.reduce((sum, { rows }) => sum + rows, 0)).toBe(5 * made.length);
        const directories = tasks.flatMap(({ data }) =>
          data.kind === "l0" ? [data.deltaDirectory] : [data.insertDirectory, data.deltaDirectory ?? []].flat(),
        );
        expect(directories.filter((directory) => findPathProblem(directory, "bucket") !== undefined)).toEqual([]);
        for (const { key } of objects) {
          expect(directories.filter((directory) => `t/${key}`.startsWith(directory))).toHaveLength(1);
        }
      }),
    );
  });

  it.each(GOLDEN_RELEASES)("planStagedImport() and planImportInPlace() bring the same rows of %s", async (release) => {
    const { collections } = await readBackup(openGolden(release));
    const rowsOf = ({ tasks }: ReturnType<typeof planStagedImport>) => tasks.reduce((sum, { rows }) => sum + rows, 0);
    for (const meta of await collect(collections)) {
      expect(rowsOf(planStagedImport(meta, "t"))).toBe(rowsOf(planImportInPlace(meta, "b")));
    }
  });
});
