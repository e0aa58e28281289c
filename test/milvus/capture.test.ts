import { Buffer } from "node:buffer";
import { expect, it } from "vitest";
import { captureCollection } from "../../src/milvus/capture.ts";
import { loadService, methodOf } from "../../src/milvus/proto.ts";
import { connectFake, inTurn, ok, refused, startFakeMilvus, type FakeHandlers } from "../support/fake-milvus.ts";

const BOOK = { database: "shop", collection: "book" };

/** A field of a newer Milvus: number 99, "new". */
const UNKNOWN = Buffer.from([0x9a, 0x06, 0x03, 0x6e, 0x65, 0x77]);

const SCHEMA = {
  name: "book",
  description: "books",
  fields: [
    { fieldID: 100, name: "id", is_primary_key: true, data_type: 5, autoID: true },
    {
      fieldID: 101,
      name: "title",
      data_type: 21,
      type_params: [{ key: "max_length", value: "200" }],
      nullable: true,
      default_value: { string_data: "n/a" },
    },
    { fieldID: 102, name: "stock", data_type: 5, default_value: { long_data: 0 }, is_partition_key: false },
    { fieldID: 103, name: "sparse", data_type: 104, is_function_output: true },
    { fieldID: 104, name: "tags", data_type: 22, element_type: 21, type_params: [{ key: "max_capacity", value: "8" }] },
  ],
  enable_dynamic_field: true,
  properties: [{ key: "mmap.enabled", value: "true" }],
  functions: [
    {
      name: "bm25",
      id: "470664302226709337",
      type: 1,
      input_field_names: ["title"],
      input_field_ids: [101],
      output_field_names: ["sparse"],
      output_field_ids: [103],
      params: [{ key: "bm25_k1", value: "1.2" }],
    },
  ],
  struct_array_fields: [
    {
      fieldID: 106,
      name: "chapters",
      fields: [{ fieldID: 107, name: "chapters[pages]", data_type: 22, element_type: 4 }],
    },
  ],
};

async function handlers(more: FakeHandlers = {}): Promise<FakeHandlers> {
  const reply = {
    status: { code: 0 },
    schema: SCHEMA,
    collectionID: "470664302226709330",
    collection_name: "book",
    db_name: "shop",
    db_id: "3",
    virtual_channel_names: ["dml_0_1v0"],
    physical_channel_names: ["dml_0"],
    created_timestamp: "470664307527647240",
    shards_num: 2,
    consistency_level: 2,
    aliases: ["books"],
    properties: [
      { key: "collection.ttl.seconds", value: "3600" },
      { key: "mmap.enabled", value: "false" },
      { key: "max_field_id", value: "107" },
    ],
  };
  const bytes = methodOf(await loadService(), "DescribeCollection").responseSerialize(reply);
  return {
    DescribeCollection: () => bytes,
    DescribeIndex: () => refused(700, "index not found"),
    ShowPartitions: () =>
      ok({ partition_names: ["_default", "old"], partitionIDs: ["470664302226709331", "470664302226709332"] }),
    GetLoadState: () => ok({ state: 1 }),
    ...more,
  };
}

it("captureCollection() gives everything of a 2.6 collection in the Go tool's shape, zero values left out", async () => {
  await using fake = await startFakeMilvus(await handlers());
  await using milvus = await connectFake(fake);
  const { meta } = await captureCollection(milvus, BOOK);
  expect(meta).toEqual({
    collection_id: 470664302226709330n,
    db_name: "shop",
    collection_name: "book",
    schema: {
      name: "book",
      description: "books",
      fields: [
        { fieldID: 100n, name: "id", is_primary_key: true, data_type: 5, autoID: true },
        {
          fieldID: 101n,
          name: "title",
          data_type: 21,
          type_params: [{ key: "max_length", value: "200" }],
          nullable: true,
          default_value_base64: "MgNuL2E=",
        },
        { fieldID: 102n, name: "stock", data_type: 5, default_value_base64: "GAA=" },
        { fieldID: 103n, name: "sparse", data_type: 104, is_function_output: true },
        {
          fieldID: 104n,
          name: "tags",
          data_type: 22,
          element_type: 21,
          type_params: [{ key: "max_capacity", value: "8" }],
        },
      ],
      enable_dynamic_field: true,
      properties: [
        { key: "mmap.enabled", value: "true" },
        { key: "collection.ttl.seconds", value: "3600" },
      ],
      functions: [
        {
          name: "bm25",
          id: 470664302226709337n,
          type: 1,
          input_field_names: ["title"],
          input_field_ids: [101n],
          output_field_names: ["sparse"],
          output_field_ids: [103n],
          params: [{ key: "bm25_k1", value: "1.2" }],
        },
      ],
      struct_array_fields: [
        {
          fieldID: 106n,
          name: "chapters",
          fields: [{ fieldID: 107n, name: "chapters[pages]", data_type: 22, element_type: 4 }],
        },
      ],
    },
    shards_num: 2,
    consistency_level: 2,
    partition_backups: [
      {
        partition_id: 470664302226709331n,
        partition_name: "_default",
        collection_id: 470664302226709330n,
        size: 0n,
        load_state: "NotLoad",
      },
      {
        partition_id: 470664302226709332n,
        partition_name: "old",
        collection_id: 470664302226709330n,
        size: 0n,
        load_state: "NotLoad",
      },
    ],
    size: 0n,
    has_index: false,
    load_state: "NotLoad",
    properties: [
      { key: "collection.ttl.seconds", value: "3600" },
      { key: "mmap.enabled", value: "false" },
      { key: "max_field_id", value: "107" },
    ],
    db_id: 3n,
    created_timestamp: 470664307527647240n,
    virtual_channel_names: ["dml_0_1v0"],
    physical_channel_names: ["dml_0"],
    aliases: ["books"],
  });
});

it("captureCollection() keeps the schema's bytes, with what the SDK does not know", async () => {
  const schema = Buffer.concat([Buffer.from([0x0a, 0x04]), Buffer.from("book"), UNKNOWN]);
  const reply = Buffer.concat([Buffer.from([0x0a, 0x00, 0x12, schema.length]), schema]);
  await using fake = await startFakeMilvus(await handlers({ DescribeCollection: () => reply }));
  await using milvus = await connectFake(fake);
  expect(Buffer.from((await captureCollection(milvus, BOOK)).rawSchema)).toEqual(schema);
});

it("captureCollection() records indexes as the server has them", async () => {
  const index = {
    index_name: "by_vector",
    indexID: "470664302226709363",
    field_name: "vec",
    params: [
      { key: "index_type", value: "HNSW" },
      { key: "params", value: '{"M":8}' },
    ],
  };
  const described = ok({ index_descriptions: [index, { index_name: "t", indexID: "5", field_name: "title" }] });
  await using fake = await startFakeMilvus(await handlers({ DescribeIndex: () => described }));
  await using milvus = await connectFake(fake);
  const { meta } = await captureCollection(milvus, BOOK);
  expect(meta.has_index).toBe(true);
  expect(meta.index_infos).toEqual([
    {
      field_name: "vec",
      index_name: "by_vector",
      index_type: "HNSW",
      params: { index_type: "HNSW", params: '{"M":8}' },
      index_id: 470664302226709363n,
    },
    { field_name: "title", index_name: "t", index_id: 5n },
  ]);
});

it("captureCollection() asks for each partition where the collection is loaded", async () => {
  const byPartition = ({ partition_names }: Readonly<Record<string, unknown>>): object =>
    ok({ state: String(partition_names) === "old" ? 1 : 3 });
  await using fake = await startFakeMilvus(await handlers({ GetLoadState: byPartition }));
  await using milvus = await connectFake(fake);
  const { meta } = await captureCollection(milvus, BOOK);
  const states = meta.partition_backups?.map(({ load_state }) => load_state);
  expect([meta.load_state, states]).toEqual(["Loaded", ["Loaded", "NotLoad"]]);
});

it("captureCollection() refuses an alias", async () => {
  await using fake = await startFakeMilvus(await handlers());
  await using milvus = await connectFake(fake);
  const capture = captureCollection(milvus, { database: "shop", collection: "books" });
  await expect(capture).rejects.toMatchObject({
    code: "not-found",
    message: '"shop.books" is an alias, not a collection',
  });
});

it("captureCollection() fails when any part of it fails", async () => {
  const failing = { ShowPartitions: inTurn(() => refused(65_535, "etcd is down")) };
  await using fake = await startFakeMilvus(await handlers(failing));
  await using milvus = await connectFake(fake);
  await expect(captureCollection(milvus, BOOK)).rejects.toThrow("etcd is down");
});
