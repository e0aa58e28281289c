import { expect, it } from "vitest";
import { createIndex, describeIndexes, waitForIndexes } from "../../src/milvus/indexes.ts";
import { connectFake, inTurn, ok, refused, startFakeMilvus } from "../support/fake-milvus.ts";
import { createFakeClock } from "../support/fake-clock.ts";

const BOOK = { database: "shop", collection: "book" };

function built(state: number, rows: readonly [indexed: string, total: string]): object {
  const [indexed_rows, total_rows] = rows;
  return ok({
    index_descriptions: [{ index_name: "v", state, indexed_rows, total_rows, index_state_fail_reason: "full" }],
  });
}

it.each([refused(700, "index not found"), { status: { error_code: 25, reason: "there is no index" } }])(
  "describeIndexes() takes %j for none",
  async (answer) => {
    await using fake = await startFakeMilvus({ DescribeIndex: () => answer });
    await using milvus = await connectFake(fake);
    expect(await describeIndexes(milvus, BOOK)).toEqual([]);
  },
);

it("describeIndexes() fails when it cannot know", async () => {
  await using fake = await startFakeMilvus({ DescribeIndex: () => refused(65_535, "etcd is down") });
  await using milvus = await connectFake(fake);
  await expect(describeIndexes(milvus, BOOK)).rejects.toThrow("etcd is down");
});

it("createIndex() sends the parameters as they are", async () => {
  await using fake = await startFakeMilvus({ CreateIndex: () => ({}) });
  await using milvus = await connectFake(fake);
  const index = { fieldName: "vec", indexName: "v", params: { index_type: "HNSW", params: '{"M":8}' } };
  await createIndex(milvus, { ...BOOK, index });
  expect(fake.sent("CreateIndex")).toMatchObject([
    {
      db_name: "shop",
      collection_name: "book",
      field_name: "vec",
      index_name: "v",
      extra_params: [
        { key: "index_type", value: "HNSW" },
        { key: "params", value: '{"M":8}' },
      ],
    },
  ]);
});

it("waitForIndexes() waits until every row is indexed", async () => {
  const steps = [built(2, ["0", "10"]), built(3, ["5", "10"]), built(3, ["10", "10"])];
  await using fake = await startFakeMilvus({ DescribeIndex: inTurn(...steps.map((step) => () => step)) });
  await using milvus = await connectFake(fake, { clock: createFakeClock(Date.now()) });
  await waitForIndexes(milvus, BOOK);
  expect(fake.sent("DescribeIndex")).toHaveLength(3);
});

it("waitForIndexes() fails with the server's reason", async () => {
  await using fake = await startFakeMilvus({ DescribeIndex: () => built(4, ["0", "10"]) });
  await using milvus = await connectFake(fake);
  await expect(waitForIndexes(milvus, BOOK)).rejects.toThrow('failed to build the index v of "shop.book": full');
});
