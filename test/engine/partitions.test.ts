/** Backups that hold a part of a collection's partitions, as their policy wants it. */
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { openBackup } from "../../src/catalog/open-backup.ts";
import type { Selection } from "../../src/core/contracts/selection.ts";
import { choosePartitions } from "../../src/engine/choose-partitions.ts";
import { backUp, openTestJob, restore } from "../support/engine-run.ts";
import { collect } from "../support/collect.ts";
import { keysOf } from "../support/storage-content.ts";
import { SCHEMA } from "../support/milvus-world.ts";

const only = (partitions: Selection["partitions"]) => ({ select: { include: ["*.*"], exclude: [], partitions } });

const partition = (id: bigint, name: string) => ({
  partition_id: id,
  partition_name: name,
  collection_id: 1n,
  size: 0n,
});
const META = {
  collection_id: 1n,
  db_name: "shop",
  collection_name: "orders",
  schema: SCHEMA,
  size: 0n,
  has_index: false,
  partition_backups: [partition(2n, "_default"), partition(3n, "p2023"), partition(4n, "p2024")],
};

describe("choosePartitions()", () => {
  it("choosePartitions() takes a collection whole when there are no globs", () => {
    expect(choosePartitions(META, undefined)).toEqual({ meta: META, leftOut: new Set(), notes: [] });
  });

  it("choosePartitions() takes the partitions that a glob matches, and notes globs that match none", () => {
    expect(choosePartitions(META, ["p20*", "q*"])).toEqual({
      meta: { ...META, partition_backups: [partition(3n, "p2023"), partition(4n, "p2024")] },
      leftOut: new Set([2n]),
      part: { taken: ["p2023", "p2024"], of: 3 },
      notes: ["only 2 of its 3 partitions are in the backup: p2023, p2024", "no partition matches q*"],
    });
  });

  it("choosePartitions() calls it no part when every partition is taken", () => {
    expect(choosePartitions(META, ["*"])).toEqual({ meta: META, leftOut: new Set(), notes: [] });
  });

  it.each([
    ["no glob matches any", ["q*"], "shop.orders has no partition q* among its 3"],
    ["one that is named is not there", ["p2024", "p2025"], "shop.orders has no partition p2025 among its 3"],
  ])("choosePartitions() refuses when %s", (_, globs, message) => {
    expect(() => choosePartitions(META, globs)).toThrow(expect.objectContaining({ code: "not-found", message }));
  });

  it("choosePartitions() refuses a partition key", () => {
    const fields = SCHEMA.fields.map((field) => ({ ...field, is_partition_key: true }));
    const keyed = { ...META, schema: { ...SCHEMA, fields } };
    expect(() => choosePartitions(keyed, ["*"])).toThrow(expect.objectContaining({ code: "refused" }));
  });
});

describe("runBackup()", () => {
  it("runBackup() takes the wanted partitions only, says so everywhere, and a restore makes these and compares", async () => {
    const target = openMemory();
    await using job = await openTestJob({ collections: ["shop.a", "shop.b"], target });
    const report = await backUp(job, only({ "shop.a": ["p*"] }));
    expect(report.collections.map(({ state, rows, notes }) => [state, rows, notes])).toEqual([
      ["complete", 7, ["only 1 of its 2 partitions are in the backup: p1"]],
      ["complete", 12, []],
    ]);
    const { entry, manifest, collections } = await openBackup(target, "b1");
    expect([entry.state, entry.inPart]).toEqual(["complete", 1]);
    const parts = new Map(manifest?.collections.map(({ name, partitions }) => [name, partitions]));
    expect(parts).toEqual(
      new Map([
        ["a", { taken: ["p1"], of: 2 }],
        ["b", undefined],
      ]),
    );
    const taken = new Map<string, readonly string[]>();
    for (const { collection_name, partition_backups = [] } of await collect(collections)) {
      taken.set(
        collection_name,
        partition_backups.map((one) => one.partition_name),
      );
    }
    expect(taken).toEqual(
      new Map([
        ["a", ["p1"]],
        ["b", ["_default", "p1"]],
      ]),
    );
    const a = String(job.world.collections.get("shop.a")?.id);
    const payload = (await keysOf(target, `b1/binlogs/insert_log/${a}/`)).map((key) => key.split("/")[4]);
    expect(new Set(payload)).toEqual(new Set([String(Number(a) + 2)]));
    const restored = await restore(job, { select: ["shop.a"], suffix: "_part" });
    expect([restored.state, restored.warnings]).toEqual([
      "complete",
      ["shop.a is in the backup with 1 of its 2 partitions: p1"],
    ]);
    expect(job.world.collections.get("shop.a_part")?.rows).toEqual(
      new Map([
        ["_default", 0],
        ["p1", 7],
      ]),
    );
  });

  it("runBackup() fails a collection without the partition that the policy names, and takes the others", async () => {
    await using job = await openTestJob({ collections: ["shop.a", "shop.b"] });
    const report = await backUp(job, only({ "shop.a": ["p1", "gone"] }));
    expect([report.state, report.exitStatus]).toEqual(["partial", 3]);
    expect(report.collections.map(({ state, error }) => [state, error?.message])).toEqual([
      ["failed", "shop.a has no partition gone among its 2"],
      ["complete", undefined],
    ]);
  });

  it("runBackup() takes the schema of the wanted partitions when it is meta-only", async () => {
    const target = openMemory();
    await using job = await openTestJob({ collections: ["shop.a"], target });
    await backUp(job, { ...only({ "*.*": ["p1"] }), consistency: "meta-only" });
    const { manifest } = await openBackup(target, "b1");
    expect(manifest?.collections[0]?.partitions).toEqual({ taken: ["p1"], of: 2 });
  });
});
