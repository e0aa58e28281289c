/** What restore does when it is told how: names, conflicts, indexes, aliases, load state. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { captureCollection } from "../../src/milvus/capture.ts";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { listCollections, listDatabases } from "../../src/milvus/inventory.ts";
import { loadState } from "../../src/milvus/load.ts";
import { rowCount } from "../support/milvus-extra.ts";
import { copyBackup, editMeta } from "../support/backup-files.ts";
import { createAll, dropAll } from "../support/dataset.ts";
import { succeed, withClient } from "../support/dataset-client.ts";
import { readRows } from "../support/dataset-read.ts";
import { liveRows } from "../support/dataset-rows.ts";
import { type CollectionSpec, inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { hurry, openJob, restoreAfter } from "../support/engine-job.ts";
import type { CommandResult } from "../support/run-command.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

const { address } = sandboxEnv().local;
let workspace: Workspace;
let backup: string;
/** The database that is backed up, and one beside it. */
let home: string;
let other: string;
/** In the default database, where short names are. */
let short: CollectionSpec;

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => ({
    policies: {
      nightly: toDisk(`${database("home")}.*`, `${database("short")}*`),
    },
  }));
  home = workspace.database("home");
  other = workspace.database("other");
  short = { ...specOf("shared"), name: `${workspace.database("short")}_c` };
  const specs = inDatabases(["text_keys", "shared", "expiring"].map(specOf), { default: home });
  await createAll(address, [...specs, short]);
  await withClient(address, home, (client) => client.loadCollectionSync({ collection_name: "text_keys" }));
  backup = reportOf(await workspace.milvusBackup("run nightly --json")).backup;
  const replaced = { ...aside("replaced"), aliases: ["replaced_alias"] };
  await createAll(address, [...["skipped", "appended", "kept"].map((name) => aside(name)), replaced]);
}, 120_000);

afterAll(async () => {
  await dropAll(address, [short, { ...short, name: `${short.name}_new` }]);
  await workspace[Symbol.asyncDispose]();
}, 120_000);

function restore(options = ""): Promise<CommandResult> {
  return workspace.milvusBackup(`restore ${backup} ${options}`);
}

/** Restores one collection of the backup under another name of its database. */
function restoreAs(name: string, to: string, options = ""): Promise<CommandResult> {
  return restore(`--collections ${home}.${name} --rename ${home}.${name}:${home}.${to} ${options}`);
}

/** A collection like `shared` with ten rows of its own. */
function aside(name: string, database = home): CollectionSpec {
  return { ...specOf("shared"), database, name, steps: [{ kind: "insert", rows: [500, 510] }, { kind: "flush" }] };
}

function rowsOf(collection: string, database = home): ReturnType<typeof readRows> {
  return readRows(address, { database, collection });
}

async function metaOf(collection: string, database = home) {
  await using milvus = await connectMilvus({ address });
  return (await captureCollection(milvus, { database, collection })).meta;
}

interface Found {
  readonly id: bigint;
  readonly rows: bigint;
}

/** Every collection of the test's databases: what a restore must not make or touch is seen by it. */
async function inventory(): Promise<ReadonlyMap<string, Found>> {
  await using milvus = await connectMilvus({ address });
  const all = new Map<string, Found>();
  for (const database of (await listDatabases(milvus)).filter((name) => name.startsWith(workspace.id))) {
    for (const { id, name } of await listCollections(milvus, database)) {
      all.set(`${database}.${name}`, { id, rows: await rowCount(milvus, { database, collection: name }) });
    }
  }
  return all;
}

describe("names", () => {
  it("--rename c:d renames a collection of the default database", async () => {
    const result = await restore(`--collections ${short.name} --rename ${short.name}:${short.name}_new`);
    expect(result.status).toBe(0);
    await using milvus = await connectMilvus({ address });
    expect(await rowCount(milvus, { database: "default", collection: `${short.name}_new` })).toBe(25n);
  });

  it("--rename db.*:db2.* moves a database, and --collections leaves the others out", async () => {
    const result = await restore(`--collections ${home}.s* --rename ${home}.*:${other}.* --json`);
    expect(reportOf(result)).toMatchObject({
      state: "complete",
      collections: [{ restoredTo: { database: other, name: "shared" } }],
    });
    const moved = [...(await inventory())].filter(([name]) => name.startsWith(`${other}.`));
    expect(moved).toMatchObject([[`${other}.shared`, { rows: 25n }]]);
  });

  it("a rename of what the backup does not have is refused before anything is made", async () => {
    const before = await inventory();
    const result = await restore(`--rename ${home}.shred:${home}.x`);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain(`did you mean "${home}.shared"?`);
    expect(await inventory()).toEqual(before);
  });

  it("--dry-run shows the plan and writes nothing", async () => {
    const before = await inventory();
    const result = await restore(`--rename ${home}.*:${home}_dry.* --suffix _dry --dry-run --json`);
    expect(result.status).toBe(0);
    const { steps } = JSON.parse(result.stdout) as { steps: { kind: string; id: string }[] };
    expect(steps.map(({ kind, id }) => `${kind} ${id}`).toSorted()).toEqual(
      [
        `create-database database ${home}_dry`,
        ...["expiring", "shared", "text_keys"].map((name) => `restore-collection ${home}_dry.${name}_dry`),
        `restore-collection default.${short.name}_dry`,
      ].toSorted(),
    );
    expect(await inventory()).toEqual(before);
  });
});

describe("names that are taken", () => {
  it("--on-conflict fail, the default, refuses with 15 and touches nothing", async () => {
    const before = await inventory();
    const result = await restore();
    expect(result.status).toBe(15);
    expect(result.stderr).toContain(`${home}.shared`);
    expect(result.stderr).toContain("--on-conflict");
    expect(await inventory()).toEqual(before);
  });

  it("--on-conflict skip restores the others only", async () => {
    const before = await inventory();
    const renames = `${home}.shared:${home}.skipped,${home}.expiring:${home}.not_skipped`;
    const result = await restore(
      `--collections ${home}.shared --collections ${home}.expiring --rename ${renames} --on-conflict skip --json`,
    );
    const report = reportOf(result);
    expect(report).toMatchObject({ exitStatus: 0, collections: [{ restoredTo: { name: "not_skipped" } }] });
    expect(report.warnings).toEqual([`${home}.skipped is there and is left as it is`]);
    const { [`${home}.not_skipped`]: restored, ...others } = Object.fromEntries(await inventory());
    expect(restored).toMatchObject({ rows: 30n });
    expect(others).toEqual(Object.fromEntries(before));
  });

  it("--on-conflict append adds the rows to those that are there", async () => {
    const there = await rowsOf("appended");
    const result = await restoreAs("shared", "appended", "--on-conflict append --json");
    expect(reportOf(result)).toMatchObject({
      exitStatus: 0,
      collections: [{ state: "complete", rows: 25, rowsFound: 25 }],
    });
    expect(await rowsOf("appended")).toEqual(new Map([...there, ...liveRows(specOf("shared"))]));
  });

  it("--on-conflict append refuses a collection of other fields, and leaves it alone", async () => {
    const before = await inventory();
    const result = await restoreAs("text_keys", "shared", "--on-conflict append");
    expect(result.status).toBe(15);
    expect(await inventory()).toEqual(before);
  });

  it("--on-conflict replace puts the backup's collection in the place of another", async () => {
    const before = await inventory();
    const result = await restoreAs("text_keys", "replaced", "--on-conflict replace --json");
    expect(reportOf(result)).toMatchObject({ exitStatus: 0, collections: [{ state: "complete" }] });
    expect(await rowsOf("replaced")).toEqual(liveRows(specOf("text_keys")));
    expect((await metaOf("replaced")).aliases).toEqual(["replaced_alias"]);
    expect([...(await inventory()).keys()].toSorted()).toEqual([...before.keys()].toSorted());
  });
});

describe("names that are taken between plan and run", () => {
  it("a collection that came into being is refused and left alone, its database is used", async () => {
    await using job = await openJob(workspace, { source: "local", target: "disk" });
    const late = workspace.database("late");
    const request = { backup, select: [`${home}.shared`, `${home}.expiring`], renames: [`${home}.*:${late}.*`] };
    const report = await restoreAfter(job, request, () => createAll(address, [aside("shared", late)]));
    const outcomes = report.collections.map(({ restoredTo, state, error }) => [
      restoredTo?.name,
      { state, code: error?.code },
    ]);
    expect(Object.fromEntries(outcomes)).toEqual({
      shared: { state: "failed", code: "refused" },
      expiring: { state: "complete", code: undefined },
    });
    expect(report).toMatchObject({ state: "partial", exitStatus: 3 });
    expect((await inventory()).get(`${late}.shared`)).toMatchObject({ rows: 10n });
  });
});

describe("what comes after the rows", () => {
  it.each([
    {
      index: "same",
      indexes: [{ field_name: "vector", index_type: "HNSW", params: expect.objectContaining({ metric_type: "IP" }) }],
    },
    {
      index: "auto",
      indexes: [
        { field_name: "vector", index_type: "AUTOINDEX", params: expect.objectContaining({ metric_type: "IP" }) },
      ],
    },
    { index: "none", indexes: undefined },
  ])("--index $index", async ({ index, indexes }) => {
    const result = await restoreAs("text_keys", `index_${index}`, `--index ${index} --json`);
    expect(result.status).toBe(0);
    const { index_infos } = await metaOf(`index_${index}`);
    if (indexes === undefined) expect(index_infos).toBeUndefined();
    else expect(index_infos).toMatchObject(indexes);
  });

  it("--load loads what was loaded, and its absence is told", async () => {
    const without = reportOf(await restoreAs("text_keys", "not_loaded", "--json"));
    expect(without.collections[0]?.notes).toContain("it was loaded, and is not loaded now: --load");
    expect((await restoreAs("text_keys", "loaded", "--load")).status).toBe(0);
    await using milvus = await connectMilvus({ address });
    const states = ["not_loaded", "loaded"].map((collection) => loadState(milvus, { database: home, collection }));
    expect(await Promise.all(states)).toEqual(["NotLoad", "Loaded"]);
  });

  it("--aliases all gives a renamed collection its alias, unless another has it", async () => {
    const taken = reportOf(await restoreAs("text_keys", "alias_taken", "--aliases all --json"));
    expect(taken.collections[0]?.notes).toContain("alias text_keys_alias is not restored: it is taken");
    expect((await metaOf("text_keys")).aliases).toEqual(["text_keys_alias"]);
    const move = `--collections ${home}.text_keys --rename ${home}.*:${other}.*`;
    expect((await restore(`${move} --aliases all`)).status).toBe(0);
    expect((await metaOf("text_keys", other)).aliases).toEqual(["text_keys_alias"]);
    await withClient(address, other, (client) => succeed(client.dropCollection({ collection_name: "text_keys" })));
    expect((await restore(move)).status).toBe(0); // kept: only where the name is
    expect((await metaOf("text_keys", other)).aliases).toBeUndefined();
  });
});

describe("rows that differ from the backup's", () => {
  it("are exit status 4: a new collection stays for inspection without its time to live, a replaced one as it was", async () => {
    const before = await inventory();
    const directory = await copyBackup(workspace, backup, "damaged");
    await editMeta(directory, "full_meta.json", ['"num_of_rows":30', '"num_of_rows":31']); // expiring
    await editMeta(directory, "full_meta.json", ['"num_of_rows":25', '"num_of_rows":26']); // shared
    await using job = await openJob(workspace, { source: "local", target: "disk" });
    const request = {
      backup: "damaged",
      select: [`${home}.expiring`, `${home}.shared`],
      renames: [`${home}.expiring:${home}.inspect_me`, `${home}.shared:${home}.kept`],
      onConflict: "replace",
    } as const;
    const report = await restoreAfter({ ...job, source: hurry(job.source) }, request, async () => undefined);
    expect(report).toMatchObject({ state: "failed", exitStatus: 4 });
    const outcomes = report.collections.map(({ restoredTo, state, error }) => [restoredTo?.name, { state, ...error }]);
    expect(Object.fromEntries(outcomes)).toEqual({
      inspect_me: differ("_default: 30 rows, not 31"),
      kept: differ("_default: 25 rows, not 26"),
    });
    expect(await rowsOf("inspect_me")).toEqual(liveRows(specOf("expiring")));
    expect((await metaOf("inspect_me")).properties).toBeUndefined();
    const { [`${home}.inspect_me`]: _, ...others } = Object.fromEntries(await inventory());
    expect(others).toEqual(Object.fromEntries(before));
  });

  function differ(numbers: string) {
    return { state: "failed", code: "damaged", message: expect.stringContaining(numbers), hint: expect.any(String) };
  }
});
