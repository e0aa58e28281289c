import { Buffer } from "node:buffer";
import { expect, it } from "vitest";
import type { CollectionMeta, CollectionSchema } from "../../src/format/meta.ts";
import { createCollection, createDatabase, type CreateRequest } from "../../src/milvus/create.ts";
import { loadService, methodOf } from "../../src/milvus/proto.ts";
import { FIELD_NUMBER } from "../../src/milvus/schema-wire.ts";
import { encodeBytesField } from "../../src/milvus/wire.ts";
import { connectFake, ok, startFakeMilvus, type FakeHandlers, type FakeMilvus } from "../support/fake-milvus.ts";

const SCHEMA: CollectionSchema = {
  name: "book",
  description: "books",
  fields: [
    { fieldID: 102n, name: "sparse", data_type: 104, is_function_output: true },
    { fieldID: 100n, name: "id", is_primary_key: true, data_type: 5, autoID: true },
    {
      fieldID: 101n,
      name: "title",
      data_type: 21,
      type_params: [{ key: "max_length", value: "200" }],
      nullable: true,
      is_partition_key: true,
      default_value_base64: "MgNuL2E=",
    },
  ],
  functions: [
    { name: "bm25", id: 470664302226709337n, type: 1, input_field_names: ["title"], output_field_names: ["sparse"] },
  ],
  struct_array_fields: [
    { fieldID: 103n, name: "chapters", fields: [{ fieldID: 104n, name: "pages", data_type: 22, element_type: 4 }] },
  ],
};

const PARTITION = { partition_id: 1n, collection_id: 1n, size: 0n };

const META: CollectionMeta = {
  collection_id: 1n,
  db_name: "shop",
  collection_name: "book",
  schema: SCHEMA,
  consistency_level: 2,
  partition_backups: ["_default_0", "_default_1"].map((partition_name) => ({ ...PARTITION, partition_name })),
  size: 0n,
  has_index: false,
};

const REQUEST: CreateRequest = {
  database: "shop",
  collection: "book_restored",
  meta: META,
  shards: 2,
  properties: [{ key: "mmap.enabled", value: "true" }],
};

/** What a decoded CreateCollection.schema says. */
async function schemaSent(fake: FakeMilvus): Promise<Readonly<Record<string, unknown>>> {
  const { schema } = fake.sent("CreateCollection")[0] ?? {};
  const reply = encodeBytesField(FIELD_NUMBER.response.schema, schema as Uint8Array); // a bytes field of the proto
  const decoded = methodOf(await loadService(), "DescribeCollection").responseDeserialize(Buffer.from(reply));
  return decoded["schema"] as Readonly<Record<string, unknown>>; // a message field of the proto
}

/** A server that takes the collection and gives these ids to its fields. */
function creating(ids: Readonly<Record<string, number>>, more: FakeHandlers = {}): FakeHandlers {
  const fields = Object.entries(ids).map(([name, fieldID]) => ({ name, fieldID }));
  return {
    CreateCollection: () => ({}),
    AlterCollection: () => ({}),
    AddCollectionField: () => ({}),
    DropCollection: () => ({}),
    DescribeCollection: () => ok({ schema: { fields } }),
    ...more,
  };
}

const IDS = { id: 100, title: 101, sparse: 102, chapters: 103, pages: 104 };

it("createCollection() sends the fields by id, with all that the backup knows of them", async () => {
  await using fake = await startFakeMilvus(creating(IDS));
  await using milvus = await connectFake(fake);
  await createCollection(milvus, REQUEST);
  expect(fake.sent("CreateCollection")).toMatchObject([
    {
      db_name: "shop",
      collection_name: "book_restored",
      shards_num: 2,
      consistency_level: 2,
      num_partitions: "2",
      properties: [{ key: "mmap.enabled", value: "true" }],
    },
  ]);
  expect(await schemaSent(fake)).toMatchObject({
    name: "book_restored",
    description: "books",
    fields: [
      { fieldID: "100", name: "id", is_primary_key: true, data_type: 5, autoID: true },
      {
        fieldID: "101",
        name: "title",
        data_type: 21,
        type_params: [{ key: "max_length", value: "200" }],
        nullable: true,
        is_partition_key: true,
        default_value: { string_data: "n/a" },
      },
      { fieldID: "102", name: "sparse", data_type: 104, is_function_output: true },
    ],
    functions: [
      {
        name: "bm25",
        id: "470664302226709337",
        type: 1,
        input_field_names: ["title"],
        output_field_names: ["sparse"],
      },
    ],
    struct_array_fields: [
      { fieldID: "103", name: "chapters", fields: [{ fieldID: "104", name: "pages", data_type: 22, element_type: 4 }] },
    ],
  });
});

it("createCollection() gives the schema no property that is not to be set yet", async () => {
  await using fake = await startFakeMilvus(creating(IDS));
  await using milvus = await connectFake(fake);
  const properties = [...REQUEST.properties, { key: "collection.ttl.seconds", value: "1" }];
  await createCollection(milvus, { ...REQUEST, meta: { ...META, schema: { ...SCHEMA, properties } } });
  expect((await schemaSent(fake))["properties"]).toEqual(REQUEST.properties);
});

it("createCollection() brings back what only the recorded bytes hold", async () => {
  const service = await loadService();
  const fields = [
    { fieldID: "100", name: "id", is_primary_key: true, data_type: 5 },
    { fieldID: "101", name: "day", data_type: 5, is_clustering_key: true },
  ];
  const reply = methodOf(service, "DescribeCollection").responseSerialize({ schema: { name: "old", fields } });
  const rawSchema = reply.subarray(2); // behind the tag and the length of the reply's only field
  await using fake = await startFakeMilvus(creating({ id: 100, day: 101 }));
  await using milvus = await connectFake(fake);
  const schema = {
    name: "old",
    fields: [
      { fieldID: 100n, name: "id", is_primary_key: true, data_type: 5 },
      { fieldID: 101n, name: "day", data_type: 5 },
    ],
  };
  await createCollection(milvus, { ...REQUEST, meta: { ...META, schema }, rawSchema });
  expect(await schemaSent(fake)).toMatchObject({ name: "book_restored", fields });
  expect(fake.sent("CreateCollection")).toMatchObject([{ num_partitions: "0" }]);
});

it("createCollection() drops the collection and refuses when the server gave other ids", async () => {
  await using fake = await startFakeMilvus(creating({ ...IDS, title: 102, sparse: 101 }));
  await using milvus = await connectFake(fake);
  await expect(createCollection(milvus, REQUEST)).rejects.toMatchObject({
    code: "refused",
    message: expect.stringContaining('field "sparse" had the id 102 and got 101'),
  });
  expect(fake.sent("DropCollection")).toMatchObject([{ collection_name: "book_restored" }]);
});

it("createCollection() refuses before anything is sent when no order gives the ids", async () => {
  await using fake = await startFakeMilvus(creating(IDS));
  await using milvus = await connectFake(fake);
  const fields = SCHEMA.fields.filter(({ name }) => name !== "title");
  const create = createCollection(milvus, { ...REQUEST, meta: { ...META, schema: { ...SCHEMA, fields } } });
  await expect(create).rejects.toMatchObject({ code: "refused" });
  expect(fake.sent("CreateCollection")).toEqual([]);
});

const LATER: CollectionSchema = {
  name: "book",
  enable_dynamic_field: true,
  fields: [
    { fieldID: 100n, name: "id", is_primary_key: true, data_type: 5 },
    { fieldID: 102n, name: "added", data_type: 5, nullable: true },
  ],
};

it("createCollection() adds later fields one by one where the server can", async () => {
  await using fake = await startFakeMilvus(creating({ id: 100, added: 102 }));
  await using milvus = await connectFake(fake);
  await createCollection(milvus, { ...REQUEST, meta: { ...META, schema: LATER } });
  expect(await schemaSent(fake)).toMatchObject({ enable_dynamic_field: true, fields: [{ name: "id" }] });
  expect(fake.sent("AddCollectionField")).toHaveLength(1);
});

it("createCollection() refuses later fields on a server that cannot add them", async () => {
  await using fake = await startFakeMilvus(creating({ id: 100, added: 102 }), { version: "v2.5.9" });
  await using milvus = await connectFake(fake);
  const create = createCollection(milvus, { ...REQUEST, meta: { ...META, schema: LATER } });
  await expect(create).rejects.toThrow("fields that were added later need Milvus 2.6, and this is v2.5.9");
  expect(fake.sent("CreateCollection")).toEqual([]);
});

it("createCollection() switches the check of functions off for the creation only", async () => {
  await using fake = await startFakeMilvus(creating(IDS), { version: "v2.6.8" });
  await using milvus = await connectFake(fake);
  await createCollection(milvus, REQUEST);
  const check = (value: string): object => ({ key: "disable_func_runtime_check", value });
  expect(fake.sent("CreateCollection")).toMatchObject([{ properties: [REQUEST.properties[0], check("true")] }]);
  expect(fake.sent("AlterCollection")).toMatchObject([{ properties: [check("false")] }]);
});

it("createCollection() that is stopped and not answered names what may have been made, and does not drop it", async () => {
  const stop = new AbortController();
  const onRequest = (): Promise<object> => {
    stop.abort(new Error("stopped"));
    return new Promise(() => undefined);
  };
  await using fake = await startFakeMilvus({ CreateCollection: onRequest });
  await using milvus = await connectFake(fake);
  await expect(createCollection(milvus, REQUEST, { signal: stop.signal, graceMs: 1 })).rejects.toMatchObject({
    code: "unreachable",
    hint: expect.stringContaining("may have been made all the same"),
  });
  expect(fake.sent("DropCollection")).toEqual([]);
});

it("createCollection() drops what it made when it is stopped while Milvus makes it", async () => {
  const stop = new AbortController();
  const slow = {
    CreateCollection: async () => {
      stop.abort(new Error("stopped"));
      await new Promise(setImmediate); // a call that is given up is given up by now
      return ok({});
    },
  };
  await using fake = await startFakeMilvus(creating(IDS, slow));
  await using milvus = await connectFake(fake);
  await expect(createCollection(milvus, REQUEST, { signal: stop.signal })).rejects.toThrow("stopped");
  expect(fake.sent("DropCollection")).toMatchObject([{ collection_name: "book_restored" }]);
});

it("createCollection() does not drop a collection that it did not create", async () => {
  const taken = { CreateCollection: () => ({ code: 65_535, error_code: 1, reason: "collection already exists" }) };
  await using fake = await startFakeMilvus(creating(IDS, taken));
  await using milvus = await connectFake(fake);
  await expect(createCollection(milvus, REQUEST)).rejects.toMatchObject({ kind: "exists", code: "refused" });
  expect(fake.sent("DropCollection")).toEqual([]);
});

it("createDatabase() sends name and properties", async () => {
  await using fake = await startFakeMilvus({ CreateDatabase: () => ({}) });
  await using milvus = await connectFake(fake);
  await createDatabase(milvus, "shop", { properties: [{ key: "database.replica.number", value: "1" }] });
  expect(fake.sent("CreateDatabase")).toMatchObject([
    { db_name: "shop", properties: [{ key: "database.replica.number", value: "1" }] },
  ]);
});
