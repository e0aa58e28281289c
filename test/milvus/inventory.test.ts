import { expect, it } from "vitest";
import {
  describeDatabase,
  hasCollection,
  listCollections,
  listDatabases,
  listPartitions,
} from "../../src/milvus/inventory.ts";
import { countRows, partitionRowCount } from "../../src/milvus/rows.ts";
import { connectFake, inTurn, ok, refused, startFakeMilvus } from "../support/fake-milvus.ts";

const BOOK = { database: "shop", collection: "book" };
const ROWS = ok({ stats: [{ key: "row_count", value: "9007199254740993" }] });

it("the lists give names with ids beyond 2^53", async () => {
  await using fake = await startFakeMilvus({
    ListDatabases: () => ok({ db_names: ["default", "shop"] }),
    ShowCollections: () => ok({ collection_names: ["book"], collection_ids: ["470664302226709337"] }),
    ShowPartitions: () => ok({ partition_names: ["_default"], partitionIDs: ["470664302226709338"] }),
  });
  await using milvus = await connectFake(fake);
  expect(await listDatabases(milvus)).toEqual(["default", "shop"]);
  expect(await listCollections(milvus, "shop")).toEqual([{ name: "book", id: 470664302226709337n }]);
  expect(await listPartitions(milvus, BOOK)).toEqual([{ name: "_default", id: 470664302226709338n }]);
  expect(fake.sent("ShowCollections")).toMatchObject([{ db_name: "shop" }]);
});

it("describeDatabase() asks only a server that can answer", async () => {
  const described = (): object => ok({ dbID: "470664302226709337", properties: [{ key: "k", value: "v" }] });
  await using old = await startFakeMilvus({ DescribeDatabase: described }, { version: "v2.4.2" });
  await using oldMilvus = await connectFake(old);
  expect(await describeDatabase(oldMilvus, "shop")).toEqual({ name: "shop", properties: [] });
  expect(old.sent("DescribeDatabase")).toEqual([]);
  await using fake = await startFakeMilvus({ DescribeDatabase: described });
  await using milvus = await connectFake(fake);
  expect(await describeDatabase(milvus, "shop")).toEqual({
    name: "shop",
    id: 470664302226709337n,
    properties: [{ key: "k", value: "v" }],
  });
});

it("hasCollection() says false for a missing collection or database, and fails when it cannot know", async () => {
  const answers = [
    ok({ value: true }),
    ok({ value: false }),
    refused(100, "collection not found"),
    refused(800, "database not found"),
    refused(65_535, "etcd is down"),
  ];
  await using fake = await startFakeMilvus({ HasCollection: inTurn(...answers.map((answer) => () => answer)) });
  await using milvus = await connectFake(fake);
  const seen: boolean[] = [];
  for (let count = 0; count < 4; count += 1) seen.push(await hasCollection(milvus, BOOK));
  expect(seen).toEqual([true, false, false, false]);
  await expect(hasCollection(milvus, BOOK)).rejects.toThrow("etcd is down");
});

it("partitionRowCount() reads the statistics whole, and fails rather than say 0 when there is no count", async () => {
  await using fake = await startFakeMilvus({
    GetPartitionStatistics: inTurn(
      () => ROWS,
      () => ok({ stats: [] }),
    ),
  });
  await using milvus = await connectFake(fake);
  const fiction = { ...BOOK, partition: "fiction" };
  expect(await partitionRowCount(milvus, fiction)).toBe(9007199254740993n);
  expect(fake.sent("GetPartitionStatistics")).toMatchObject([{ partition_name: "fiction" }]);
  await expect(partitionRowCount(milvus, fiction)).rejects.toThrow('Milvus gave no row count for "shop.book/fiction"');
});

it("countRows() counts by a query with strong consistency", async () => {
  const counted = ok({ fields_data: [{ scalars: { long_data: { data: ["9007199254740993"] } } }] });
  await using fake = await startFakeMilvus({
    Query: inTurn(
      () => counted,
      () => ok(),
    ),
  });
  await using milvus = await connectFake(fake);
  expect(await countRows(milvus, BOOK)).toBe(9007199254740993n);
  expect(fake.sent("Query")).toMatchObject([{ output_fields: ["count(*)"], expr: "", consistency_level: 0 }]);
  await expect(countRows(milvus, BOOK)).rejects.toThrow("no row count");
});
