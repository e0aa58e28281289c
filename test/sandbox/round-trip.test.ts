/** Everything Milvus 2.3 knows, from each kind of storage to each: what comes back is what was acknowledged. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CollectionMeta } from "../../src/format/meta.ts";
import { forEachConcurrent } from "../../src/io/limit.ts";
import { captureCollection } from "../../src/milvus/capture.ts";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { createAll } from "../support/dataset.ts";
import { readRows, type Row } from "../support/dataset-read.ts";
import { liveRows } from "../support/dataset-rows.ts";
import { type CollectionSpec, inDatabases } from "../support/dataset-spec.ts";
import { datasetSpecs, specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";
import { startWriter } from "../support/writer.ts";

type Server = "local" | "s3";

const POLICIES = {
  local_to_disk: { source: "local", target: "disk" },
  local_to_bucket: { source: "local", target: "bucket-backups" },
  s3_to_bucket: { source: "s3", target: "bucket-backups" },
  s3_to_disk: { source: "s3", target: "disk" },
} as const;
type PolicyName = keyof typeof POLICIES;

/** One backup brought back: the four differ in where from, where to, how Milvus gets at the files, and in the names. */
interface RoundTrip {
  readonly policy: PolicyName;
  readonly into: Server;
  readonly files: "copied" | "in-place";
  readonly databaseSuffix?: string;
  readonly suffix?: string;
  readonly options?: string;
  readonly aliases?: "lost";
  /** Names of collections, where not all are restored: Milvus imports one after the other. */
  readonly only?: readonly string[];
}

/** Every type, deletes, several partitions and rows that are written meanwhile: what copying can differ in is in them. */
const TYPICAL = ["all_types", "rewritten", "partitions", "growing"];

const ROUND_TRIPS: readonly RoundTrip[] = [
  { policy: "local_to_disk", into: "local", files: "copied", databaseSuffix: "_new", options: "--aliases all" },
  { policy: "s3_to_bucket", into: "s3", files: "in-place", suffix: "_back", aliases: "lost" },
  { policy: "local_to_bucket", into: "s3", files: "in-place", only: TYPICAL },
  { policy: "s3_to_disk", into: "local", files: "copied", only: TYPICAL },
];

/** A collection, and what it is and holds. */
interface Content {
  readonly spec: CollectionSpec;
  readonly shape: object;
  readonly rows: ReadonlyMap<string, Row>;
}

interface Taken {
  readonly backup: string;
  /** Keys of `growing` that were acknowledged before the backup began. */
  readonly acknowledged: readonly string[];
}

const addresses = { local: sandboxEnv().local.address, s3: sandboxEnv().s3.address };
const FIRST_WRITTEN = 1_000;
const READS_AT_ONCE = 4;
let workspace: Workspace;
const contents = new Map<Server, readonly Content[]>();
const backups = new Map<PolicyName, Taken>();

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => {
    const toPolicy = ({ source, target }: (typeof POLICIES)[PolicyName]) => {
      const include = [`${database(source)}.*`, `${database(`${source}_second`)}.*`];
      return { source, targets: [{ storage: target }], select: { include } };
    };
    return { policies: Object.fromEntries(Object.entries(POLICIES).map(([name, policy]) => [name, toPolicy(policy)])) };
  });
  await Promise.all([fillAndBackUp("local"), fillAndBackUp("s3")]);
}, 300_000);

afterAll(() => workspace[Symbol.asyncDispose](), 120_000);

it.concurrent.each(ROUND_TRIPS)(
  "a backup by $policy restored into $into ($files) has every field of every row",
  async (trip) => {
    const { policy, into, files, suffix = "", databaseSuffix = "", options = "", only } = trip;
    const { source, target } = POLICIES[policy];
    const taken = known(backups, policy);
    const before = known(contents, source).filter(({ spec }) => only?.includes(spec.name) ?? true);
    const specs = before.map(({ spec }) => spec);
    const restored = specs.map(({ database, name, ...spec }) => ({
      ...spec,
      database: workspace.database(database.slice(workspace.id.length + 1) + databaseSuffix),
      name: name + suffix,
    }));

    const asked = only ? specs.map(({ database, name }) => `--collections ${database}.${name}`).join(" ") : "";
    const names = `${suffix && `--suffix ${suffix}`} ${databaseSuffix && `--rename ${databaseMap(specs, databaseSuffix)}`}`;
    const result = await workspace.milvusBackup(
      `restore ${taken.backup} --source ${into} --target ${target} ${asked} ${names} ${options} --json`,
    );
    const report = reportOf(result);
    expect({ status: result.status, errors: report.errors }).toEqual({ status: 0, errors: [] });
    expect(result.stdout).toContain(`"files":"${files}"`);

    const shapes = before.map(({ shape }) => shape);
    const expected = trip.aliases === "lost" ? shapes.map(withoutAliases) : shapes;
    expect(await readShapes(addresses[into], restored)).toEqual(expected);
    const rows = await readAll(addresses[into], restored);
    const growing = specs.findIndex(({ name }) => name === "growing");
    expect(rows.toSpliced(growing, 1)).toEqual(before.toSpliced(growing, 1).map((content) => content.rows));
    expectGrowing(rows[growing], before[growing]?.rows, taken);
    const counted = new Map(
      report.collections.map(({ restoredTo: to, ...counts }) => [`${to?.database}.${to?.name}`, counts]),
    );
    expect(restored.map(({ database, name }) => counted.get(`${database}.${name}`))).toMatchObject(
      rows.map(({ size }) => ({ state: "complete", rows: size, rowsFound: size })),
    );
  },
);

async function fillAndBackUp(source: Server): Promise<void> {
  const specs = specsOf(source);
  const address = addresses[source];
  await createAll(address, specs);
  const growing = { ...specOf("growing"), database: workspace.database(source) };
  {
    await using writer = startWriter(address, growing, FIRST_WRITTEN);
    for (const policy of [`${source}_to_disk`, `${source}_to_bucket`] as const) {
      const acknowledged = [...liveRows(growing).keys(), ...writer.acknowledged()];
      const { backup, ...report } = reportOf(await workspace.milvusBackup(`run ${policy} --json`));
      expect(report).toMatchObject({ state: "complete", exitStatus: 0 });
      backups.set(policy, { backup, acknowledged });
    }
  }
  const shapes = await readShapes(address, specs);
  const rows = await readAll(address, specs);
  const content = specs.map((spec, at) => ({ spec, shape: shapes[at] ?? {}, rows: rows[at] ?? new Map() }));
  contents.set(source, content);
}

function specsOf(source: Server): readonly CollectionSpec[] {
  return inDatabases(datasetSpecs, {
    default: workspace.database(source),
    second: workspace.database(`${source}_second`),
  });
}

function databaseMap(specs: readonly CollectionSpec[], suffix: string): string {
  const databases = new Set(specs.map(({ database }) => database));
  return [...databases].map((name) => `${name}.*:${name}${suffix}.*`).join();
}

async function readAll(
  address: string,
  specs: readonly CollectionSpec[],
): Promise<readonly ReadonlyMap<string, Row>[]> {
  const rows: ReadonlyMap<string, Row>[] = [];
  await forEachConcurrent(specs.entries(), { concurrency: READS_AT_ONCE }, async ([at, { database, name }]) => {
    rows[at] = await readRows(address, { database, collection: name });
  });
  return rows;
}

async function readShapes(address: string, specs: readonly CollectionSpec[]): Promise<readonly object[]> {
  await using milvus = await connectMilvus({ address });
  const shapes: object[] = [];
  for (const { database, name } of specs) {
    shapes.push(shapeOf((await captureCollection(milvus, { database, collection: name })).meta));
  }
  return shapes;
}

/** All that must come back of a collection besides its rows, without its name and what Milvus gives out anew. */
function shapeOf(meta: CollectionMeta) {
  const { schema, properties, shards_num, consistency_level, aliases, index_infos = [], partition_backups = [] } = meta;
  return {
    schema: { ...schema, name: "" },
    properties,
    shards_num,
    consistency_level,
    aliases,
    indexes: index_infos.map((index) => ({ ...index, index_id: undefined })),
    partitions: partition_backups.map(({ partition_name }) => partition_name).toSorted(),
  };
}

function withoutAliases(shape: object): object {
  return { ...shape, aliases: undefined };
}

/** Some of the rows that it has in the end, those that were acknowledged before the backup among them. */
function expectGrowing(
  restored: ReadonlyMap<string, Row> | undefined,
  source: ReadonlyMap<string, Row> | undefined,
  { acknowledged }: Taken,
): void {
  expect(restored).toEqual(new Map([...(source ?? [])].filter(([key]) => restored?.has(key))));
  expect(acknowledged.filter((key) => restored?.has(key) !== true)).toEqual([]);
}

function known<K, V>(values: ReadonlyMap<K, V>, key: K): V {
  const value = values.get(key);
  if (value === undefined) throw new Error(`beforeAll did not get to ${String(key)}`);
  return value;
}
