import { describe, expect, it } from "vitest";
import type { CollectionMeta } from "../../src/format/meta.ts";
import { encodeBackupMeta, encodeCollection, metaFrame } from "../../src/format/write-meta.ts";
import { collectionMeta, logs, partitionMeta, segmentMeta } from "../support/metas.ts";

const l0 = segmentMeta(40n, {
  partition_id: -1n,
  binlogs: [],
  num_of_rows: 0n,
  deltalogs: [logs(0n, 401n)],
  is_l0: true,
});

const collection: CollectionMeta = collectionMeta({
  schema: { name: "alias", fields: [], properties: [{ key: "b", value: "schema's" }] },
  properties: [
    { key: "a", value: "1" },
    { key: "b", value: "collection's" },
  ],
  partition_backups: [
    partitionMeta({ segment_backups: [segmentMeta(30n, { group_id: 30n }), segmentMeta(31n, { group_id: 31n })] }),
    partitionMeta({ partition_id: 21n, partition_name: "empty" }),
  ],
  l0_segments: [l0],
});

const SCHEMA = '"schema":{"name":"book","properties":[{"key":"a","value":"1"},{"key":"b","value":"schema\'s"}]}';
const SEGMENT_30 =
  '{"segment_id":30,"collection_id":10,"partition_id":20,"num_of_rows":5,"binlogs":[{"fieldID":100,"binlogs":[{"log_size":8,"log_id":301}]}],"size":8,"group_id":30}';
const SEGMENT_31 = SEGMENT_30.replaceAll("30,", "31,").replace("301", "311").replace('"group_id":30', '"group_id":31');
const L0 =
  '{"segment_id":40,"collection_id":10,"partition_id":-1,"deltalogs":[{"binlogs":[{"log_size":8,"log_id":401}]}],"size":8,"is_l0":true}';
const END = `"size":0,"has_index":false,"l0_segments":[${L0}],"properties":[{"key":"a","value":"1"},{"key":"b","value":"collection's"}]}`;
const START = `{"collection_id":10,"db_name":"default","collection_name":"book",${SCHEMA},"partition_backups":[`;
const FIRST = '{"partition_id":20,"partition_name":"_default","collection_id":10,';
const SECOND = '{"partition_id":21,"partition_name":"empty","collection_id":10,"size":0}';

describe("encodeCollection", () => {
  it("encodeCollection() carries what each release reads", () => {
    const { full, collection: level, partitions, segments } = encodeCollection(collection);
    expect([...full].join("")).toBe(
      `${START}${FIRST}"segment_backups":[${SEGMENT_30},${SEGMENT_31}],"size":0},${SECOND}],${END}`,
    );
    expect(level).toBe(`${START}${FIRST}"size":0},${SECOND}],${END}`);
    expect(partitions).toEqual([`${FIRST}"size":0}`, SECOND]);
    expect([...segments]).toEqual([SEGMENT_30, SEGMENT_31]);
    expect([...full]).toEqual([...full]);
  });

  it("encodeCollection() adds nothing to a collection that is written as it is", () => {
    const { collection: level } = encodeCollection({ ...collection, partition_backups: [], l0_segments: [] }, "as-is");
    expect(level).toBe(
      '{"collection_id":10,"db_name":"default","collection_name":"book","schema":{"name":"alias","properties":[{"key":"b","value":"schema\'s"}]},' +
        '"size":0,"has_index":false,"properties":[{"key":"a","value":"1"},{"key":"b","value":"collection\'s"}]}',
    );
  });
});

describe("metaFrame", () => {
  it("metaFrame() has the head around the collections of full_meta.json", () => {
    expect(
      metaFrame("full", { id: "x", state_code: 0, name: "n", size: 5n, database_backups: [{ db_name: "default" }] }),
    ).toEqual({
      prefix: '{"id":"x","state_code":0,"name":"n","collection_backups":[',
      suffix: '],"size":5,"database_backups":[{"db_name":"default"}]}',
      empty: '{"id":"x","state_code":0,"name":"n","size":5,"database_backups":[{"db_name":"default"}]}',
    });
  });

  it("metaFrame() is `infos` for the level files, and {} without any", () => {
    const frame = { prefix: '{"infos":[', suffix: "]}", empty: "{}" };
    for (const file of ["collection", "partition", "segment"] as const) {
      expect(metaFrame(file, { state_code: 0, size: 0n })).toEqual(frame);
    }
  });
});

describe("encodeBackupMeta", () => {
  it("encodeBackupMeta() leaves out what only full_meta.json has", () => {
    const head = {
      name: "n",
      state_code: 0,
      size: 5n,
      milvus_version: "v2.6.1",
      rbac_meta: {},
      database_backups: [{ db_name: "a" }],
    };
    expect(encodeBackupMeta(head)).toBe('{"state_code":0,"name":"n","size":5,"milvus_version":"v2.6.1"}');
  });
});
