/** What Milvus 2.3 can express, at its limits: it comes back field by field, and Milvus describes it as it did before. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunReport } from "../../src/core/report.ts";
import { alterProperties } from "../../src/milvus/alter.ts";
import { describeCollection } from "../../src/milvus/describe.ts";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { createAll } from "../support/dataset.ts";
import { flush, withClient } from "../support/dataset-client.ts";
import { readRows, type Row } from "../support/dataset-read.ts";
import { isAuto, liveRows } from "../support/dataset-rows.ts";
import type { CollectionSpec } from "../support/dataset-spec.ts";
import { expired, extremes, fidelitySpecs, lastKey, manyPartitions, texts } from "../support/fidelity-specs.ts";
import { insertTexts, type JsonTexts, readTexts } from "../support/raw-client.ts";
import { describeRaw } from "../support/raw-describe.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, type Workspace } from "../support/workspace.ts";
import { readWritten, writtenTo } from "../support/written-on-disk.ts";

/** On the local disk files are copied and all is tried; on S3 Milvus reads the backup itself, and it is what is cheap. */
const TARGETS = { local: "disk", s3: "bucket-backups" } as const;
type Server = keyof typeof TARGETS;
const SPECS: Readonly<Record<Server, readonly CollectionSpec[]>> = {
  local: fidelitySpecs,
  s3: fidelitySpecs.filter(({ name }) => ["extremes", "extreme_keys", "auto_text_ids", "on_disk"].includes(name)),
};

/** JSON that is not the same once it was parsed and printed, and keys of the dynamic field that are names of fields. */
const TEXTS: readonly JsonTexts[] = [
  {
    json: '{"more": 9007199254740993, "least":-9223372036854775808,"most":18446744073709551615 , "f":[1.0, 1.50,1e2,-0]}',
    dynamic: '{"json":"not the field","id":-9223372036854775808,"vector":[ 1.0 ]}',
  },
  {
    json: '{"ключ":{"嵌套":["\\u0000\\ud83d\\ude00","😀",{"\\u00e9":"\\/é"}]},"dup":1,"dup":2}',
    dynamic: '{"a.b":9007199254740993,"":{"":[]},"dup":1,"dup":2}',
  },
  { json: '{"":[[[[[[[[[[null]]]]]]]]]]}', dynamic: "{}" },
  { json: "{ }", dynamic: '{ "spaced" :\t1 }' },
  { json: `{"long":"${"é".repeat(32_700)}"}`, dynamic: `{"long":"${"x".repeat(65_000)}"}` },
];

interface RoundTrip {
  readonly backup: string;
  readonly report: RunReport;
  /** Of collections whose keys are Milvus's, by their names. */
  readonly before: ReadonlyMap<string, ReadonlyMap<string, Row>>;
}

let workspace: Workspace;
const trips = new Map<Server, RoundTrip>();

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => {
    const policyOf = (source: Server) => ({
      source,
      targets: [{ storage: TARGETS[source] }],
      select: { include: [`${database(source)}.*`] },
    });
    return { policies: { local: policyOf("local"), s3: policyOf("s3") } };
  });
  await Promise.all([thereAndBack("local"), thereAndBack("s3")]);
}, 300_000);

afterAll(() => workspace[Symbol.asyncDispose](), 120_000);

async function thereAndBack(server: Server): Promise<void> {
  const { address } = sandboxEnv()[server];
  const [home, specs] = [workspace.database(server), SPECS[server]];
  const all = [...specs, expired, lastKey, texts].map((spec) => ({ ...spec, database: home }));
  await createAll(address, all);
  await insertTexts(address, { database: home, collection: texts.name }, TEXTS);
  await withClient(address, home, (client) => flush(client, texts.name));
  const auto = specs
    .filter(({ keys }) => isAuto(keys))
    .map(async ({ name }) => {
      return [name, await readRows(address, { database: home, collection: name })] as const;
    });
  const before = new Map(await Promise.all(auto));
  await setTimeToLive(server, home, 1); // by then the rows are older
  const { backup } = reportOf(await workspace.milvusBackup(`run ${server} --json`));
  const report = reportOf(await restore(server, backup, `--rename ${home}.*:${awayOf(server)}.* --aliases all`));
  trips.set(server, { backup, report, before });
}

function awayOf(server: Server): string {
  return workspace.database(`${server}_away`);
}

function restore(server: Server, backup: string, options: string) {
  return workspace.milvusBackup(`restore ${backup} --source ${server} --target ${TARGETS[server]} ${options} --json`);
}

async function setTimeToLive(server: Server, database: string, seconds: number): Promise<void> {
  await using milvus = await connectMilvus(sandboxEnv()[server]);
  const properties = [{ key: "collection.ttl.seconds", value: String(seconds) }];
  await alterProperties(milvus, { database, collection: expired.name, properties });
}

function tripOf(server: Server): RoundTrip {
  const trip = trips.get(server);
  if (trip === undefined) throw new Error(`beforeAll did not get to ${server}`);
  return trip;
}

describe.each(["local", "s3"] as const)("on the %s server", (server) => {
  const { address } = sandboxEnv()[server];
  const specs = SPECS[server];
  const home = (name: string) => ({ database: workspace.database(server), collection: name });
  const away = (name: string) => ({ database: awayOf(server), collection: name });

  it("the restore itself finds nothing that differs", () => {
    const { report } = tripOf(server);
    expect(report).toMatchObject({ state: "complete", exitStatus: 0, errors: [], warnings: [] });
    const outcomes = report.collections.map(({ collection: { name }, state, notes, rows, rowsFound }) => [
      name,
      { state, notes, rows, rowsFound },
    ]);
    const sizes = [...specs, expired, lastKey].map((spec) => [spec.name, liveRows(spec).size] as const);
    const whole = [...sizes, [texts.name, TEXTS.length] as const].map(([name, rows]) => [
      name,
      { state: "complete", notes: [], rows, rowsFound: rows },
    ]);
    expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(whole));
  });

  it.concurrent.each(specs)("$name is described as it was", async ({ name }) => {
    expect(await describeRaw(address, away(name))).toEqual(await describeRaw(address, home(name)));
  });

  it.concurrent.each(specs.filter((spec) => spec !== manyPartitions))(
    "$name has every row with every field as it was written",
    async (spec) => {
      const written = tripOf(server).before.get(spec.name) ?? liveRows(spec);
      expect(await readRows(address, away(spec.name))).toEqual(written);
    },
  );

  it.concurrent("JSON and dynamic fields come back byte for byte, and keys that shadow fields stay apart from them", async () => {
    const written = new Map(TEXTS.map((row, key) => [String(key), row]));
    for (const source of [home(texts.name), away(texts.name)]) {
      await withClient(address, source.database, (client) =>
        client.loadCollectionSync({ collection_name: texts.name }),
      );
      expect(await readTexts(address, source)).toEqual(written);
    }
  });

  it.concurrent("rows older than their time to live are restored, and the time to live with them", async () => {
    await using milvus = await connectMilvus({ address });
    const { properties } = await describeCollection(milvus, away(expired.name));
    expect(properties).toContainEqual({ key: "collection.ttl.seconds", value: "1" });
    await setTimeToLive(server, awayOf(server), 864_000);
    expect(await readRows(address, away(expired.name))).toEqual(liveRows(expired));
  });
});

// No query of 2.3.5 gives back a row with the last key; it loads partitions and segments one by one, and while it does
// that with 200 partitions, every other load on the server waits.
it.each([lastKey, manyPartitions])("$name is on the disk as it was written, partition by partition", async (spec) => {
  expect(await readWritten(awayOf("local"), spec)).toEqual(writtenTo(spec));
});

it("--index auto is content with what Milvus makes of scalar indexes, too", async () => {
  const { address } = sandboxEnv().local;
  const to = { database: awayOf("local"), collection: "automatic" };
  const from = `${workspace.database("local")}.${extremes.name}`;
  const names = `--collections ${from} --rename ${from}:${to.database}.${to.collection}`;
  const report = reportOf(await restore("local", tripOf("local").backup, `${names} --index auto`));
  const left = extremes.aliases?.map((alias) => `alias ${alias} is not restored: --aliases kept`);
  expect([report.state, report.collections[0]?.notes.toSorted()]).toEqual(["complete", left]);
  const { indexes } = await describeRaw(address, to);
  const types = indexes.map(({ field_name, params }) => [field_name, params]);
  expect(Object.fromEntries(types)).toEqual({
    vector: [
      { key: "index_type", value: "AUTOINDEX" },
      { key: "metric_type", value: "L2" },
    ],
    text: [],
    long: [],
  });
});
