import { expect, it } from "vitest";
import { alterProperties, createAlias, renameCollection } from "../../src/milvus/alter.ts";
import { connectFake, ok, refused, startFakeMilvus } from "../support/fake-milvus.ts";

const ALIAS = { database: "shop", collection: "book", alias: "books" };
const taken = { code: 65_535, error_code: 1, reason: "books is alias to another collection: alias already exist" };

it("createAlias() refuses an alias of another collection", async () => {
  await using fake = await startFakeMilvus({ CreateAlias: () => taken, DescribeCollection: () => ok() });
  await using milvus = await connectFake(fake);
  await expect(createAlias(milvus, ALIAS)).rejects.toMatchObject({ kind: "exists", code: "refused" });
});

it("createAlias() takes over an alias that a dropped collection left", async () => {
  await using fake = await startFakeMilvus({
    CreateAlias: () => taken,
    DescribeCollection: () => refused(100, "can't find collection"),
    AlterAlias: () => ({}),
  });
  await using milvus = await connectFake(fake);
  await createAlias(milvus, ALIAS);
  expect(fake.sent("AlterAlias")).toMatchObject([{ db_name: "shop", collection_name: "book", alias: "books" }]);
});

it("createAlias() changes nothing when it cannot know whose the alias is", async () => {
  await using fake = await startFakeMilvus({
    CreateAlias: () => taken,
    DescribeCollection: () => refused(65_535, "etcd is down"),
    AlterAlias: () => ({}),
  });
  await using milvus = await connectFake(fake);
  await expect(createAlias(milvus, ALIAS)).rejects.toThrow("etcd is down");
  expect(fake.sent("AlterAlias")).toEqual([]);
});

it("alterProperties() and renameCollection() send what they are given", async () => {
  await using fake = await startFakeMilvus({ AlterCollection: () => ({}), RenameCollection: () => ({}) });
  await using milvus = await connectFake(fake);
  const book = { database: "shop", collection: "book" };
  await alterProperties(milvus, { ...book, properties: [{ key: "collection.ttl.seconds", value: "60" }] });
  await renameCollection(milvus, { ...book, newName: "books_2" });
  expect(fake.sent("AlterCollection")).toMatchObject([
    { db_name: "shop", collection_name: "book", properties: [{ key: "collection.ttl.seconds", value: "60" }] },
  ]);
  expect(fake.sent("RenameCollection")).toMatchObject([{ db_name: "shop", oldName: "book", newName: "books_2" }]);
});
