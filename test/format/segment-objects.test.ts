import { describe, expect, it } from "vitest";
import { isBackupError } from "../../src/core/errors.ts";
import type { CollectionMeta } from "../../src/format/meta.ts";
import { segmentObjects } from "../../src/format/segment-objects.ts";
import { collectionMeta, logs, partitionMeta, segmentMeta } from "../support/metas.ts";

function whyNot(collection: CollectionMeta): string {
  try {
    [...segmentObjects(collection)].toString();
  } catch (error) {
    if (isBackupError(error) && error.code === "damaged")
      return error.message.replace("Cannot read the meta files: ", "");
    throw error;
  }
  throw new Error("This was taken for a backup");
}

function withSegments(...segments: readonly ReturnType<typeof segmentMeta>[]): CollectionMeta {
  return collectionMeta({ partition_backups: [partitionMeta({ segment_backups: segments })] });
}

describe("segmentObjects", () => {
  it("segmentObjects() names every log by its ids, L0 segments of all partitions last", () => {
    const l0 = segmentMeta(40n, { partition_id: -1n, binlogs: [], deltalogs: [logs(0n, 401n)], is_l0: true });
    const segment = segmentMeta(30n, {
      group_id: 30n,
      binlogs: [
        { binlogs: [{ log_size: 1n, log_id: 300n }] },
        { fieldID: 100n, binlogs: [{ log_size: 2n, log_id: 301n }] },
        {},
      ],
      deltalogs: [{ binlogs: [{ log_size: 3n, log_id: 302n }] }],
    });
    const collection = { ...withSegments(segment), l0_segments: [l0] };
    const place = { collection: 10n, partition: 20n, group: 30n, segment: 30n };
    expect([...segmentObjects(collection)]).toEqual([
      {
        key: "binlogs/insert_log/10/20/30/30/0/300",
        bytes: 1,
        log: { kind: "insert", ...place, field: 0n, log: 300n },
      },
      {
        key: "binlogs/insert_log/10/20/30/30/100/301",
        bytes: 2,
        log: { kind: "insert", ...place, field: 100n, log: 301n },
      },
      { key: "binlogs/delta_log/10/20/30/30/302", bytes: 3, log: { kind: "delta", ...place, log: 302n } },
      {
        key: "binlogs/delta_log/10/-1/40/401",
        bytes: 8,
        log: { kind: "delta", collection: 10n, partition: -1n, group: 0n, segment: 40n, log: 401n },
      },
    ]);
  });

  it("segmentObjects() knows old layouts: no group, a group of several segments, ids only in paths", () => {
    const log_path = "files/insert_log/10/20/32/100/321";
    const collection = withSegments(
      segmentMeta(30n),
      segmentMeta(31n, { group_id: 2n }),
      segmentMeta(32n, { group_id: 2n, binlogs: [{ fieldID: 100n, binlogs: [{ log_size: 8n, log_path }] }] }),
      segmentMeta(33n, { binlogs: [], deltalogs: [{ fieldID: 331n, binlogs: [{ log_size: 8n, log_path: "x/331" }] }] }),
    );
    expect([...segmentObjects(collection)].map(({ key }) => key)).toEqual([
      "binlogs/insert_log/10/20/30/100/301",
      "binlogs/insert_log/10/20/2/31/100/311",
      "binlogs/insert_log/10/20/2/32/100/321",
      "binlogs/delta_log/10/20/33/331",
    ]);
  });

  it.each([
    [
      "a log without id",
      withSegments(segmentMeta(30n, { binlogs: [{ binlogs: [{ log_size: 1n }] }] })),
      "a log of segment 30 has no id",
    ],
    [
      "a path that leads out",
      withSegments(segmentMeta(30n, { binlogs: [{ binlogs: [{ log_size: 1n, log_path: "files/../../etc" }] }] })),
      "a log of segment 30 has no id",
    ],
    [
      "a negative log",
      withSegments(segmentMeta(30n, { deltalogs: [{ binlogs: [{ log_size: 1n, log_path: "a/-7" }] }] })),
      "segment 30 has a log with a negative id",
    ],
    [
      "a negative field",
      withSegments(segmentMeta(30n, { binlogs: [logs(-1n, 1n)] })),
      "segment 30 has a log with a negative id",
    ],
    [
      "a negative size",
      withSegments(segmentMeta(30n, { binlogs: [{ binlogs: [{ log_size: -1n, log_id: 7n }] }] })),
      "log 7 has a size of -1 bytes",
    ],
    [
      "another collection's segment",
      withSegments(segmentMeta(30n, { collection_id: 11n })),
      "segment 30 of 10/20 says that it belongs to 11/20",
    ],
    [
      "another partition's segment",
      withSegments(segmentMeta(30n, { partition_id: 21n })),
      "segment 30 of 10/20 says that it belongs to 10/21",
    ],
    ["a negative group", withSegments(segmentMeta(30n, { group_id: -3n })), "segment 30 of 10/20 has a negative id"],
    [
      "an L0 segment of one partition among those of all",
      collectionMeta({ l0_segments: [segmentMeta(30n)] }),
      "segment 30 of 10/-1 says that it belongs to 10/20",
    ],
  ])("segmentObjects() refuses %s", (_, collection, message) => {
    expect(whyNot(collection)).toBe(message);
  });
});
