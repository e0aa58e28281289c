import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareStructure, formatStructureDifference } from "../../src/format/compare-structure.ts";
import { COLLECTION } from "../../src/format/messages.ts";
import type { CollectionMeta, CollectionSchema, FieldSchema, IndexMeta } from "../../src/format/meta.ts";
import { anyOf } from "../support/arbitrary-meta.ts";
import { collectionMeta, partitionMeta } from "../support/metas.ts";

const ID: FieldSchema = { fieldID: 100n, name: "id", is_primary_key: true, data_type: 5 };
const TITLE: FieldSchema = {
  fieldID: 101n,
  name: "title",
  description: "a title",
  data_type: 21,
  type_params: [{ key: "max_length", value: "200" }],
};
const INDEX: IndexMeta = {
  field_name: "title",
  index_name: "by_title",
  index_type: "HNSW",
  index_id: 7n,
  params: { index_type: "HNSW", metric_type: "L2", params: '{"M":8,"efConstruction":64}' },
};
const SCHEMA: CollectionSchema = {
  name: "book",
  fields: [ID, TITLE],
  functions: [{ name: "bm25", type: 1, input_field_names: ["title"], output_field_names: ["sparse"] }],
  properties: [{ key: "mmap.enabled", value: "true" }],
};
const BOOK = collectionMeta({
  schema: SCHEMA,
  shards_num: 2,
  consistency_level: 2,
  index_infos: [INDEX],
  partition_backups: [partitionMeta(), partitionMeta({ partition_id: 21n, partition_name: "spring" })],
});

function withTitle(given: Partial<FieldSchema>): CollectionMeta {
  return { ...BOOK, schema: { ...SCHEMA, fields: [ID, { ...TITLE, ...given }] } };
}

function withIndex(params: Readonly<Record<string, string>>): CollectionMeta {
  return { ...BOOK, index_infos: [{ ...INDEX, params }] };
}

/** What is said, and whether it is held against the restore. */
function compared(expected: CollectionMeta, found: CollectionMeta) {
  const differences = compareStructure(expected, found);
  const said = (isServers: boolean) =>
    differences.filter((one) => one.isServers === isServers).map(formatStructureDifference);
  return { wrong: said(false), notes: said(true) };
}

describe("compareStructure()", () => {
  it("compareStructure() holds _default, with which Milvus makes every collection, against no backup of other partitions", () => {
    const spring = partitionMeta({ partition_id: 21n, partition_name: "spring" });
    const part = { ...BOOK, partition_backups: [spring] };
    expect(compared(part, BOOK)).toEqual({
      wrong: [],
      notes: ["partition _default is there, and is not in the backup"],
    });
    expect(compared(BOOK, part)).toEqual({ wrong: ["partition _default is not there"], notes: [] });
  });

  it("compareStructure() finds nothing in what a server gives out anew, and in order", () => {
    const found: CollectionMeta = {
      ...BOOK,
      collection_id: 99n,
      collection_name: "book_restored",
      db_name: "drill",
      schema: { ...SCHEMA, name: "book_restored", autoID: true, fields: [TITLE, ID] },
      index_infos: [{ ...INDEX, index_id: 8n }],
      partition_backups: [
        partitionMeta({ partition_id: 1n, partition_name: "spring", load_state: "Loaded" }),
        partitionMeta({ partition_id: 2n }),
      ],
      load_state: "Loaded",
      aliases: ["books"],
      virtual_channel_names: ["dml_7"],
    };
    expect(compareStructure(BOOK, found)).toEqual([]);
  });

  it.each<[what: string, found: CollectionMeta]>([
    ['description is "new\\n\\"one\\"", not ""', { ...BOOK, schema: { ...SCHEMA, description: 'new\n"one"' } }],
    ["dynamic field is true, not false", { ...BOOK, schema: { ...SCHEMA, enable_dynamic_field: true } }],
    ["consistency level is Strong, not Bounded", { ...BOOK, consistency_level: 0 }],
    ["number of shards is 1, not 2", { ...BOOK, shards_num: 1 }],
    ["field title is not there", { ...BOOK, schema: { ...SCHEMA, fields: [ID] } }],
    [
      "field more is there, and is not in the backup",
      { ...BOOK, schema: { ...SCHEMA, fields: [ID, TITLE, { fieldID: 102n, name: "more", data_type: 5 }] } },
    ],
    ["field title: id is 102, not 101", withTitle({ fieldID: 102n })],
    ["field title: type is 20, not 21", withTitle({ data_type: 20 })],
    ["field title: element type is 5, not 0", withTitle({ element_type: 5 })],
    ['field title: description is "", not "a title"', withTitle({ description: "" })],
    ["field title: primary key is true, not false", withTitle({ is_primary_key: true })],
    ["field title: auto id is true, not false", withTitle({ autoID: true })],
    ["field title: partition key is true, not false", withTitle({ is_partition_key: true })],
    ["field title: nullable is true, not false", withTitle({ nullable: true })],
    ["field title: max_length is 100, not 200", withTitle({ type_params: [{ key: "max_length", value: "100" }] })],
    ["field title: max_length is not there, it was 200", withTitle({ type_params: [] })],
    ["property mmap.enabled is not there, it was true", { ...BOOK, schema: { ...SCHEMA, properties: [] } }],
    ["function bm25 is not there", { ...BOOK, schema: { ...SCHEMA, functions: [] } }],
    ["partition spring is not there", { ...BOOK, partition_backups: [partitionMeta()] }],
    ["index by_title is not there", { ...BOOK, index_infos: [] }],
    ["index by_title: field is id, not title", { ...BOOK, index_infos: [{ ...INDEX, field_name: "id" }] }],
    ["index by_title: M is 16, not 8", withIndex({ ...INDEX.params, params: '{"M":16,"efConstruction":64}' })],
    ["index by_title: metric_type is IP, not L2", withIndex({ ...INDEX.params, metric_type: "IP" })],
  ])("compareStructure() says: %s", (what, found) => {
    expect(compared(BOOK, found)).toEqual({ wrong: [what], notes: [] });
  });

  it("compareStructure() takes index parameters one by one for the same as in JSON", () => {
    const found = withIndex({ index_type: "HNSW", metric_type: "L2", M: "8", efConstruction: "64" });
    expect(compareStructure(BOOK, found)).toEqual([]);
    expect(compareStructure(withIndex({ params: "{M" }), withIndex({ params: "{M" }))).toEqual([]);
  });

  it("compareStructure() leaves to the server what it adds", () => {
    const properties = [...(SCHEMA.properties ?? []), { key: "timezone", value: "UTC" }];
    const found = withIndex({ ...INDEX.params, "mmap.enabled": "false" });
    expect(compared(BOOK, { ...found, schema: { ...SCHEMA, properties } })).toEqual({
      wrong: [],
      notes: [
        "property timezone is UTC, and is not in the backup",
        "index by_title: mmap.enabled is false, and is not in the backup",
      ],
    });
  });

  it("compareStructure() leaves to the server how it makes an automatic index, but not with which metric", () => {
    const asked = withIndex({ index_type: "AUTOINDEX", metric_type: "L2" });
    const found = withIndex({ index_type: "HNSW", metric_type: "IP", M: "18" });
    expect(compared(asked, found)).toEqual({
      wrong: ["index by_title: metric_type is IP, not L2"],
      notes: ["index by_title: index_type is HNSW, not AUTOINDEX", "index by_title: M is 18, and is not in the backup"],
    });
  });

  it("compareStructure() holds nothing against a server that it does not know, but for other values", () => {
    const wanted = withTitle({ default_value_base64: "GAA=", is_function_output: true });
    const lost = { ...BOOK, schema: { ...SCHEMA, functions: [] } };
    const all = compareStructure(wanted, lost, ["default value", "function", "function output"]);
    expect(all.map(({ what, isServers }) => [what, isServers])).toEqual([
      ["field title: function output", true],
      ["field title: default value", true],
      ["function bm25", true],
    ]);
    const other = compareStructure(wanted, withTitle({ default_value_base64: "GAE=", is_function_output: true }), [
      "default value",
    ]);
    expect(other.map(({ isServers }) => isServers)).toEqual([false]);
  });

  it("compareStructure() takes a default value in the earlier spelling for the same", () => {
    const bytes = "2\u0003n/a";
    expect(
      compareStructure(withTitle({ default_value_proto: bytes }), withTitle({ default_value_base64: btoa(bytes) })),
    ).toEqual([]);
  });

  it("compareStructure() finds no difference between any collection and itself", () => {
    fc.assert(
      fc.property(anyOf(COLLECTION), (meta) => {
        expect(compareStructure(meta, structuredClone(meta))).toEqual([]);
      }),
    );
  });
});
