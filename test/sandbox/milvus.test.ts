/** What the real Milvus 2.3.5 does with the requests of src/milvus, on a disk and on S3. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { local } from "../../plugins/storage-local/index.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { alterProperties, createAlias, renameCollection } from "../../src/milvus/alter.ts";
import { captureCollection, type CapturedCollection } from "../../src/milvus/capture.ts";
import { captureSegments, type CapturedSegments } from "../../src/milvus/capture-segments.ts";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { createCollection, createDatabase, createPartition, dropCollection } from "../../src/milvus/create.ts";
import { flushCollection } from "../../src/milvus/flush.ts";
import { startImport, waitForImport } from "../../src/milvus/import.ts";
import type { ImportPlace } from "../../src/milvus/import-path.ts";
import { createIndex, waitForIndexes } from "../../src/milvus/indexes.ts";
import { hasCollection, listCollections, listDatabases } from "../../src/milvus/inventory.ts";
import { loadCollection, loadState } from "../../src/milvus/load.ts";
import { planProperties } from "../../src/milvus/properties.ts";
import { countRows } from "../../src/milvus/rows.ts";
import { releaseCollection, rowCount } from "../support/milvus-extra.ts";
import type { SegmentSource } from "../../src/milvus/segment-files.ts";
import type { MilvusSession } from "../../src/milvus/session.ts";
import type { CollectionRef } from "../../src/milvus/types.ts";
import { createAll, dropAll } from "../support/dataset.ts";
import { readRows } from "../support/dataset-read.ts";
import { withSuffix } from "../support/dataset-spec.ts";
import { datasetSpecs } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";

const SUFFIX = "_api";
const database = "default";
/** Imports run one after another on 2.3, two seconds each: not every collection on every storage. */
const ROUND_TRIPS = {
  disk: ["all_types", "partitions"],
  bucket: ["text_keys", "rewritten", "growing", "partitions"],
} as const;
const wanted: ReadonlySet<string> = new Set([
  ...ROUND_TRIPS.disk,
  ...ROUND_TRIPS.bucket,
  "tenants",
  "auto_ids",
  "empty",
]);
const specs = withSuffix(
  datasetSpecs.filter(({ name }) => wanted.has(name)),
  SUFFIX,
);

function ref(name: string): CollectionRef {
  return { database, collection: name + SUFFIX };
}

/** Where a collection is restored to. */
function back(name: string): CollectionRef {
  return { database, collection: `${name}${SUFFIX}_back` };
}

async function source(place: ImportPlace): Promise<SegmentSource> {
  const env = sandboxEnv();
  if (place === "disk") {
    const storage = await local.open({ path: env.local.root, durable: false });
    return { storage, rootPath: env.local.root };
  }
  const credentials = { accessKeyId: env.s3.key, secretAccessKey: env.s3.secret };
  const { s3 } = await import("../../plugins/storage-s3/index.ts");
  const options = s3.options.parse({ bucket: env.s3.bucket, endpoint: env.s3.endpoint, credentials });
  return { storage: scopeStorage(await s3.open(options), env.s3.root), rootPath: env.s3.root };
}

describe.each(["disk", "bucket"] as const)("on a Milvus that keeps its segments in a %s", (place) => {
  let milvus: MilvusSession;
  let segments: SegmentSource;

  beforeAll(async () => {
    const { address } = place === "disk" ? sandboxEnv().local : sandboxEnv().s3;
    milvus = await connectMilvus({ address });
    segments = await source(place);
    await dropAll(address, specs);
    await createAll(address, specs);
  }, 240_000);

  afterAll(async () => {
    await dropAll(milvus.address, [...specs, ...withSuffix(specs, "_back")]);
    await segments.storage[Symbol.asyncDispose]();
    await milvus[Symbol.asyncDispose]();
  }, 120_000);

  it("connectMilvus() reads the version of the embedded build", () => {
    expect(milvus.version).toEqual({ major: 2, minor: 3, patch: 5, text: "v2.3.5-lite" });
    expect(milvus.warnings).toEqual([]);
  });

  it("the lists have what was created", async () => {
    expect(await listDatabases(milvus)).toContain(database);
    const names = (await listCollections(milvus, database)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(specs.map(({ name }) => name)));
    expect(await hasCollection(milvus, ref("all_types"))).toBe(true);
    expect(await hasCollection(milvus, ref("no_such"))).toBe(false);
    expect(await hasCollection(milvus, { database: "no_such_database", collection: "x" })).toBe(false);
  });

  it("captureCollection() gives every type as it was created", async () => {
    const { meta } = await captureCollection(milvus, ref("all_types"));
    const { schema, consistency_level, shards_num, index_infos, load_state } = meta;
    const vector = { index_type: "IVF_FLAT", metric_type: "L2", params: '{"nlist":16}' };
    expect({ schema, consistency_level, shards_num, index_infos, load_state }).toEqual({
      schema: {
        name: "all_types_api",
        description: "Every type of 2.3, with “quotes” and 漢字",
        fields: [
          { fieldID: 100n, name: "id", is_primary_key: true, data_type: 5 },
          { fieldID: 101n, name: "flag", data_type: 1 },
          { fieldID: 102n, name: "tiny", data_type: 2 },
          { fieldID: 103n, name: "short", data_type: 3 },
          { fieldID: 104n, name: "medium", data_type: 4 },
          { fieldID: 105n, name: "long", data_type: 5 },
          { fieldID: 106n, name: "single", data_type: 10 },
          { fieldID: 107n, name: "double", data_type: 11 },
          { fieldID: 108n, name: "label", data_type: 21, type_params: [{ key: "max_length", value: "200" }] },
          { fieldID: 109n, name: "document", data_type: 23 },
          ...[5, 21, 10, 1].map((element_type, index) => ({
            fieldID: BigInt(110 + index),
            name: ["longs", "texts", "floats", "flags"][index],
            data_type: 22,
            type_params: expect.arrayContaining([{ key: "max_capacity", value: "10" }]),
            element_type,
          })),
          { fieldID: 114n, name: "vector", data_type: 101, type_params: [{ key: "dim", value: "8" }] },
        ],
      },
      consistency_level: 1,
      shards_num: 2,
      index_infos: [
        {
          field_name: "vector",
          index_name: "vector",
          index_type: "IVF_FLAT",
          params: vector,
          index_id: expect.any(BigInt),
        },
      ],
      load_state: "NotLoad",
    });
  });

  it("captureCollection() has dynamic fields, aliases, properties and partition keys", async () => {
    const { meta } = await captureCollection(milvus, ref("text_keys"));
    expect(meta).toMatchObject({
      schema: {
        enable_dynamic_field: true,
        properties: [{ key: "collection.autocompaction.enabled", value: "false" }],
      },
      properties: [{ key: "collection.autocompaction.enabled", value: "false" }],
      aliases: ["text_keys_alias_api"],
      has_index: true,
    });
    expect(meta.consistency_level).toBeUndefined(); // Strong is 0
    const tenants = await captureCollection(milvus, ref("tenants"));
    expect(tenants.meta.schema.fields[1]).toMatchObject({ name: "tenant", is_partition_key: true });
    const names = tenants.meta.partition_backups?.map(({ partition_name }) => partition_name);
    expect(names).toEqual(["_default_0", "_default_1", "_default_2", "_default_3"]);
  });

  it("captureCollection() refuses an alias and what is not there", async () => {
    const alias = { database, collection: "text_keys_alias_api" };
    await expect(captureCollection(milvus, alias)).rejects.toMatchObject({ code: "not-found" });
    await expect(captureCollection(milvus, ref("no_such"))).rejects.toMatchObject({ kind: "collection-not-found" });
    const elsewhere = captureCollection(milvus, { database: "no_such_database", collection: "x" });
    await expect(elsewhere).rejects.toMatchObject({ code: "not-found" });
  });

  it("flushCollection() brings growing rows to the storage", async () => {
    const flush = await flushCollection(milvus, ref("growing"));
    expect(flush.segmentIds).toHaveLength(1);
    expect(flush.flushTs).toBeGreaterThan(0n);
    expect(Math.abs(Number(flush.sealTime) - Date.now() / 1000)).toBeLessThan(60);
    const { segments: found } = await capture("growing");
    expect(found.reduce((rows, { meta }) => rows + (meta.num_of_rows ?? 0n), 0n)).toBe(70n);
    expect(found.map(({ meta }) => meta.segment_id)).toEqual(expect.arrayContaining([...flush.segmentIds]));
  });

  it("captureSegments() finds every field's logs and the deltas where they are", async () => {
    const { segments: found, skipped } = await capture("rewritten");
    expect(skipped).toEqual([]);
    const fields = found.map(({ meta }) => meta.binlogs?.map(({ fieldID = 0n }) => fieldID));
    expect(new Set(fields.map(String))).toEqual(new Set(["0,1,100,101,102"]));
    expect(found.some(({ files }) => files.some(({ kind }) => kind === "delta"))).toBe(true);
    for (const { meta, files } of found) {
      const stats = await Promise.all(files.map(({ key }) => segments.storage.stat(key)));
      expect(stats.map((stat) => stat?.bytes)).toEqual(files.map(({ bytes }) => bytes));
      expect(meta.size).toBe(files.reduce((sum, { bytes }) => sum + BigInt(bytes), 0n));
      expect(meta.group_id).toBe(meta.segment_id);
    }
  });

  it("captureSegments() says so when it looks at another place than Milvus's own", async () => {
    const elsewhere = { storage: scopeStorage(segments.storage, "wrong_root"), rootPath: "wrong_root" };
    const { meta } = await captureCollection(milvus, ref("all_types"));
    const partitionIds = meta.partition_backups?.map(({ partition_id }) => partition_id) ?? [];
    const wrong = captureSegments(milvus, { ...ref("all_types"), partitionIds, source: elsewhere });
    await expect(wrong).rejects.toMatchObject({ code: "unreachable" });
  });

  it("imports of captured segments in place bring every field of every row back", async () => {
    const roundTrip = async (name: string): Promise<void> => {
      const before = await captureCollection(milvus, ref(name));
      const { segments: found } = await capture(name);
      await recreate(before, back(name));
      const { meta } = await captureCollection(milvus, back(name));
      expect(meta).toMatchObject({
        schema: { ...before.meta.schema, name: `${name}_api_back` },
        shards_num: before.meta.shards_num,
      });
      expect(meta.consistency_level).toBe(before.meta.consistency_level);
      await importAll(back(name), before, found);
      const rows = await readRows(milvus.address, ref(name));
      expect(await readRows(milvus.address, back(name))).toEqual(rows);
      expect(await rowCount(milvus, back(name))).toBe(BigInt(rows.size));
    };
    await Promise.all(ROUND_TRIPS[place].map(roundTrip));
  });

  it("a collection without rows has no segments", async () => {
    expect(await capture("empty")).toEqual({ segments: [], skipped: [] });
  });

  it("indexes are built and partitions loaded on what was imported, and captureCollection() tells which", async () => {
    const params = { index_type: "IVF_FLAT", metric_type: "L2", params: '{"nlist":16}' };
    await createIndex(milvus, { ...back("partitions"), index: { fieldName: "vector", indexName: "v", params } });
    await createIndex(milvus, { ...back("partitions"), index: { fieldName: "label", indexName: "l", params: {} } });
    const deadline = milvus.clock.now() + 60_000;
    await waitForIndexes(milvus, back("partitions"), { deadline });
    await loadCollection(milvus, { ...back("partitions"), partitions: ["spring"] }, { deadline });
    const { meta } = await captureCollection(milvus, back("partitions"));
    expect(meta.index_infos?.toSorted((a, b) => String(a.index_name).localeCompare(String(b.index_name)))).toEqual([
      { field_name: "label", index_name: "l", index_id: expect.any(BigInt) },
      { field_name: "vector", index_name: "v", index_type: "IVF_FLAT", params, index_id: expect.any(BigInt) },
    ]);
    const states = meta.partition_backups?.map(({ partition_name, load_state }) => [partition_name, load_state]);
    expect(Object.fromEntries(states ?? [])).toEqual({
      _default: "NotLoad",
      spring: "Loaded",
      autumn: "NotLoad",
      nothing: "NotLoad",
    });
    expect(await countRows(milvus, { ...back("partitions"), partition: "spring" })).toBe(40n);
    await releaseCollection(milvus, back("partitions"));
    expect(await loadState(milvus, back("partitions"))).toBe("NotLoad");
    await loadCollection(milvus, back("partitions"), { deadline });
    expect(await countRows(milvus, back("partitions"))).toBe(110n);
  });

  it("alias, properties and a new name are set", async () => {
    await createAlias(milvus, { ...ref("auto_ids"), alias: "auto_alias_api" });
    await alterProperties(milvus, {
      ...ref("auto_ids"),
      properties: [{ key: "collection.ttl.seconds", value: "864000" }],
    });
    await renameCollection(milvus, { ...ref("auto_ids"), newName: "auto_ids_renamed_api" });
    const { meta } = await captureCollection(milvus, ref("auto_ids_renamed"));
    expect(meta.aliases).toEqual(["auto_alias_api"]);
    expect(planProperties(meta).afterComparison).toEqual([{ key: "collection.ttl.seconds", value: "864000" }]);
    const alias = { ...ref("empty"), alias: "auto_alias_api" };
    await expect(createAlias(milvus, alias)).rejects.toMatchObject({ kind: "exists", code: "refused" });
    await dropCollection(milvus, ref("auto_ids_renamed"));
    await createAlias(milvus, alias); // 2.3 keeps it, pointing nowhere
    expect((await captureCollection(milvus, ref("empty"))).meta.aliases).toEqual(["auto_alias_api"]);
    await expect(createDatabase(milvus, "default")).rejects.toMatchObject({ kind: "exists" });
  });

  it("requests of later versions are unsupported, not successful", async () => {
    const describing = milvus.send("DescribeDatabase", {}, { database });
    await expect(describing).rejects.toMatchObject({ kind: "unsupported", code: "unreachable" });
  });

  async function capture(name: string): Promise<CapturedSegments> {
    const { meta } = await captureCollection(milvus, ref(name));
    const partitionIds = meta.partition_backups?.map(({ partition_id }) => partition_id) ?? [];
    return await captureSegments(milvus, { ...ref(name), partitionIds, source: segments });
  }

  async function recreate({ meta, rawSchema }: CapturedCollection, to: CollectionRef): Promise<void> {
    const { atCreation } = planProperties(meta);
    await createCollection(milvus, { ...to, meta, rawSchema, shards: meta.shards_num ?? 1, properties: atCreation });
    if (meta.schema.fields.some(({ is_partition_key }) => is_partition_key)) return;
    for (const { partition_name } of meta.partition_backups ?? []) {
      if (partition_name !== "_default") await createPartition(milvus, { ...to, partition: partition_name });
    }
  }

  async function importAll(to: CollectionRef, { meta }: CapturedCollection, found: CapturedSegments["segments"]) {
    const tasks = found.map(async ({ meta: segment, files }) => {
      const partition = meta.partition_backups?.find(({ partition_id }) => partition_id === segment.partition_id);
      const directory = `${segment.collection_id}/${segment.partition_id}/${segment.segment_id}/`;
      const insertDirectory = `${segments.rootPath}/insert_log/${directory}`;
      const hasDeltas = files.some(({ kind }) => kind === "delta");
      const deltaDirectory = hasDeltas ? `${segments.rootPath}/delta_log/${directory}` : undefined;
      const data = { kind: "segments", insertDirectory, deltaDirectory } as const;
      const task = await startImport(milvus, { ...to, place, partition: partition?.partition_name ?? "", data });
      return await waitForImport(milvus, task, { stallTimeoutMs: 60_000 });
    });
    for (const { status } of await Promise.all(tasks)) expect(status).toBe("completed");
  }
});
