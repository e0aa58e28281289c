/** A Milvus 2.3 that holds collections and takes part in backups and restores, on the fake of its gRPC service. */
import { Buffer } from "node:buffer";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { CollectionSchema } from "../../src/format/meta.ts";
import { sourceKey } from "../../src/format/payload-keys.ts";
import { bytesBody } from "../../src/io/body.ts";
import { orderFields } from "../../src/milvus/field-order.ts";
import { loadService, methodOf } from "../../src/milvus/proto.ts";
import { createSchemaEncoder } from "../../src/milvus/schema-to-wire.ts";
import { FIELD_NUMBER } from "../../src/milvus/schema-wire.ts";
import { encodeBytesField } from "../../src/milvus/wire.ts";
import { timestampLog } from "./binlog-files.ts";
import { ok, refused } from "./fake-milvus.ts";
import type { FakeHandler, FakeHandlers } from "./fake-milvus.ts";
import { keysOf } from "./storage-content.ts";

interface WorldCollection extends WorldHead {
  readonly id: bigint;
  /** Rows that the statistics tell, by partition. */
  readonly rows: Map<string, number>;
  readonly aliases: string[];
  readonly indexes: object[];
}

/** What a collection is made of, as in the request. */
interface WorldHead {
  /** Bytes of a schema.CollectionSchema. */
  readonly schema: Uint8Array;
  readonly shards_num: unknown;
  readonly consistency_level: unknown;
  readonly properties: object[];
}

export interface MilvusWorld {
  readonly handlers: FakeHandlers;
  /** By "database.name". */
  readonly collections: ReadonlyMap<string, WorldCollection>;
  readonly databases: ReadonlySet<string>;
  /** Files of every segment, under `files/` of the storage. */
  seed(root: Storage): Promise<void>;
  drop(name: string): void;
}

export const SCHEMA: CollectionSchema = {
  name: "x",
  fields: [
    { fieldID: 100n, name: "id", is_primary_key: true, data_type: 5 },
    { fieldID: 101n, name: "price", data_type: 10 },
  ],
};

/** What requests are refused with that are answered with nothing but a status. */
export function refusedStatus(code: number, reason: string): object {
  return { code, error_code: 1, reason };
}

/** Two partitions a collection, with one segment of so many rows each. */
export const PARTITIONS = [
  { name: "_default", rows: 5 },
  { name: "p1", rows: 7 },
] as const;
export const ROWS = 12;

/** Insert logs of a segment: the system fields and the two of the schema. */
const FIELDS = [0n, 1n, 100n, 101n];

type Request = Readonly<Record<string, unknown>>;

/** Databases come with their collections, `default` always. Rows that an import brings are those of its segments. */
export async function createMilvusWorld(names: readonly string[]): Promise<MilvusWorld> {
  const service = await loadService();
  const order = orderFields(SCHEMA);
  if (order.kind === "impossible") throw new TypeError("The schema above has wrong ids");
  const encoder = createSchemaEncoder(service, { schema: SCHEMA });
  const collections = new Map<string, WorldCollection>();
  const databases = new Set(["default"]);
  let lastId = 100n;
  const add = (key: string, head: WorldHead, rows: Map<string, number>): void => {
    databases.add(key.split(".")[0] ?? "");
    collections.set(key, { id: (lastId += 100n), ...head, rows, aliases: [], indexes: [] });
  };
  for (const key of names) {
    const schema = encoder.encodeSchema(key.split(".")[1] ?? "", order.plan);
    const head = { schema, shards_num: 1, consistency_level: 0, properties: [] };
    add(key, head, new Map(PARTITIONS.map(({ name, rows }) => [name, rows])));
  }
  const storages: Storage[] = [];
  const handlers: FakeHandlers = {
    ...readHandlers({ collections, databases, reply: methodOf(service, "DescribeCollection") }),
    CreateDatabase: (request) => {
      databases.add(databaseOf(request));
      return ok();
    },
    DropDatabase: (request) => {
      databases.delete(databaseOf(request));
      return ok();
    },
    CreateCollection: (request) => {
      const { schema, shards_num, consistency_level, properties = [] } = request;
      if (!(schema instanceof Uint8Array)) return refusedStatus(1100, "no schema");
      if (collections.has(keyOf(request))) return refusedStatus(65_535, "collection already exist");
      const head = { schema: Buffer.from(schema), shards_num, consistency_level };
      add(keyOf(request), { ...head, properties: [...(properties as object[])] }, new Map([["_default", 0]])); // by the proto file
      return ok();
    },
    CreatePartition: inCollection(collections, ({ rows }, request) => {
      rows.set(String(request["partition_name"]), 0);
      return ok();
    }),
    DropCollection: (request) => {
      collections.delete(keyOf(request));
      return ok();
    },
    RenameCollection: (request) => {
      const [from, to] = [keyOf(request, "oldName"), keyOf(request, "newName")];
      const collection = collections.get(from);
      if (collection === undefined || collections.has(to)) return refusedStatus(65_535, "cannot rename");
      collections.delete(from);
      collections.set(to, collection);
      return ok();
    },
    CreateIndex: inCollection(collections, ({ indexes }, { field_name, index_name, extra_params: params }) => {
      indexes.push({ field_name, index_name, params, indexID: "1", state: 3 });
      return ok();
    }),
    AlterCollection: inCollection(collections, ({ properties }, request) => {
      properties.push(...(request["properties"] as object[])); // by the proto file
      return ok();
    }),
    CreateAlias: inCollection(collections, ({ aliases }, request) => {
      const alias = String(request["alias"]);
      if (byAlias(collections, alias) !== undefined) return refusedStatus(65_535, `alias ${alias} already exist`);
      aliases.push(alias);
      return ok();
    }),
    AlterAlias: inCollection(collections, ({ aliases }, request) => {
      const alias = String(request["alias"]);
      const taken = byAlias(collections, alias)?.aliases;
      taken?.splice(taken.indexOf(alias), 1);
      aliases.push(alias);
      return ok();
    }),
    LoadCollection: () => ok(),
    ReleaseCollection: () => ok(),
    Import: inCollection(collections, async ({ rows }, request) => {
      const [insertDirectory = ""] = request["files"] as readonly string[]; // by the proto file
      const partition = String(request["partition_name"]);
      rows.set(partition, (rows.get(partition) ?? 0) + (await rowsIn(storages, insertDirectory)));
      return ok({ tasks: ["77"] });
    }),
    GetImportState: () => ok({ state: 6, row_count: "1", infos: [] }),
  };
  return {
    handlers,
    collections,
    databases,
    drop: (name) => void collections.delete(name),
    seed: async (root) => {
      storages.push(root);
      for (const { id } of collections.values()) await writeSegments(root, id);
    },
  };
}

interface Contents {
  readonly collections: ReadonlyMap<string, WorldCollection>;
  readonly databases: ReadonlySet<string>;
  readonly reply: ReturnType<typeof methodOf>;
}

function readHandlers({ collections, databases, reply }: Contents): FakeHandlers {
  const within = (handler: Parameters<typeof inCollection>[1]): FakeHandler => inCollection(collections, handler);
  return {
    ListDatabases: () => ok({ db_names: [...databases] }),
    ShowCollections: (request) => {
      const own = [...collections].filter(([key]) => key.startsWith(`${databaseOf(request)}.`));
      return ok({
        collection_names: own.map(([key]) => key.split(".")[1]),
        collection_ids: own.map(([, { id }]) => String(id)),
      });
    },
    HasCollection: (request) => ok({ value: collections.has(keyOf(request)) }),
    DescribeCollection: within(({ id, schema, rows: _rows, indexes: _indexes, ...described }, request) => {
      const head = { status: { code: 0 }, collectionID: String(id), ...described };
      const names = { collection_name: request["collection_name"], db_name: databaseOf(request) };
      const bytes = reply.responseSerialize({ ...head, ...names });
      return Buffer.concat([bytes, encodeBytesField(FIELD_NUMBER.response.schema, schema)]);
    }),
    ShowPartitions: within(({ id, rows }) =>
      ok({
        partition_names: [...rows.keys()],
        partitionIDs: [...rows.keys()].map((_, index) => String(partitionId(id, index))),
      }),
    ),
    DescribeIndex: within(({ indexes }) =>
      indexes.length === 0 ? refused(700, "index not found") : ok({ index_descriptions: indexes }),
    ),
    GetLoadState: () => ok({ state: 1 }),
    Flush: (request) => {
      const [name = ""] = request["collection_names"] as readonly string[]; // by the proto file
      if (!collections.has(`${databaseOf(request)}.${name}`)) return refused(100, "collection not found");
      return ok({ coll_segIDs: { [name]: { data: [] } }, coll_flush_ts: { [name]: "470664302226709999" } });
    },
    GetFlushState: () => ok({ flushed: true }),
    GetPersistentSegmentInfo: (request) => {
      const collection = collections.get(keyOf(request, "collectionName"));
      if (collection === undefined) return refused(100, "collection not found");
      return ok({ infos: PARTITIONS.map((_, index) => segmentInfo(collection.id, index)) });
    },
    GetPartitionStatistics: within(({ rows }, request) =>
      ok({ stats: [{ key: "row_count", value: String(rows.get(String(request["partition_name"])) ?? 0) }] }),
    ),
  };
}

function inCollection(
  collections: ReadonlyMap<string, WorldCollection>,
  handler: (collection: WorldCollection, request: Request) => object | Promise<object>,
): FakeHandler {
  return (request) => {
    const collection = collections.get(keyOf(request)) ?? byAlias(collections, String(request["collection_name"]));
    return collection === undefined ? refused(100, "collection not found") : handler(collection, request);
  };
}

function byAlias(collections: Contents["collections"], alias: string): WorldCollection | undefined {
  return [...collections.values()].find(({ aliases }) => aliases.includes(alias));
}

function databaseOf(request: Request): string {
  return String(request["db_name"] || request["dbName"] || "default");
}

function keyOf(request: Request, field = "collection_name"): string {
  return `${databaseOf(request)}.${String(request[field])}`;
}

function partitionId(collection: bigint, index: number): bigint {
  return collection + 1n + BigInt(index);
}

function segmentId(collection: bigint, index: number): bigint {
  return collection + 50n + BigInt(index);
}

function segmentInfo(collection: bigint, index: number): object {
  return {
    segmentID: String(segmentId(collection, index)),
    collectionID: String(collection),
    partitionID: String(partitionId(collection, index)),
    num_rows: String(PARTITIONS[index]?.rows ?? 0),
    state: 4,
  };
}

async function writeSegments(root: Storage, collection: bigint): Promise<void> {
  for (const index of PARTITIONS.keys()) {
    const place = { collection, partition: partitionId(collection, index), segment: segmentId(collection, index) };
    for (const field of FIELDS) {
      const key = sourceKey({ kind: "insert", ...place, field, log: 1n });
      const { rows } = PARTITIONS[index] ?? { rows: 0 };
      await root.write(`files/${key}`, bytesBody(field === 1n ? timestampLog(rows) : `rows of field ${field}`));
    }
  }
}

/** By the last digit of the segments' ids, which are the directories below. */
async function rowsIn(storages: readonly Storage[], directory: string): Promise<number> {
  const segments = new Set<string>();
  for (const storage of storages) {
    for (const key of await keysOf(storage, directory)) segments.add(key.slice(directory.length).split("/")[0] ?? "");
  }
  return [...segments].reduce((sum, id) => sum + (PARTITIONS[Number(id) % 50]?.rows ?? 0), 0);
}
