import { deepStrictEqual } from "node:assert/strict";
import process from "node:process";
import { execa } from "execa";
import { createAll, dropAll } from "../test/support/dataset.ts";
import { readRows } from "../test/support/dataset-read.ts";
import type { Row } from "../test/support/dataset-rows.ts";
import { datasetSpecs } from "../test/support/dataset-specs.ts";
import type { CollectionSpec } from "../test/support/dataset-spec.ts";
import { IS_DENO } from "../test/support/deno.ts";

const STOP = IS_DENO ? "deno task sandbox down" : "npm run -s sandbox -- down";
/** Deletes and re-inserts, a dynamic field, an index and an alias; partitions, one of them empty; every type there is. */
const DEMO_COLLECTIONS = new Set(["text_keys", "partitions", "all_types"]);
const specs: readonly CollectionSpec[] = datasetSpecs
  .filter(({ name }) => DEMO_COLLECTIONS.has(name))
  .map((spec) => ({ ...spec, database: "demo" }));

/** The main job on a real Milvus: fill, back up, drop, restore, compare every row. */
async function demo(): Promise<void> {
  const startedAt = Date.now();
  await show(script("sandbox", "up"));
  const environment = await sandboxEnvironment();
  const address = environment["SANDBOX_LOCAL_MILVUS"] ?? "";
  say(`\nFilling ${specs.length} collections of database demo in the Milvus at ${address}`);
  await dropAll(address, specs);
  await createAll(address, specs);

  await milvusBackup(["run", "nightly"], environment);
  const before = await readAll(address);
  const [newest] = JSON.parse(await milvusBackup(["list", "--json"], environment)) as { name: string }[];
  if (newest === undefined) throw new Error("The backup is not listed");
  await milvusBackup(["get", newest.name], environment);

  say("\nDropping the collections");
  await dropAll(address, specs);
  await milvusBackup(["restore", newest.name], environment);
  const after = await readAll(address);
  deepStrictEqual(after, before);

  const rows = [...before.values()].reduce((sum, { size }) => sum + size, 0);
  say(`\nProved: ${rows} rows of ${before.size} collections came back, every field of every row equal.`);
  say(`The backup: ${process.cwd()}/.demo/backups/${newest.name}`);
  say(`Milvus goes on at ${address}; ${STOP} stops it. This took ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

async function sandboxEnvironment(): Promise<Record<string, string>> {
  const { stdout } = await execa(...script("sandbox", "env"));
  return Object.fromEntries(stdout.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

/** Runs the tool as an operator does, and shows what it prints. */
async function milvusBackup(args: readonly string[], env: Record<string, string>): Promise<string> {
  say(`\n$ milvus-backup ${args.join(" ")}`);
  return await show(script("milvus-backup", ...args), env);
}

/** A script of package.json or, under Deno, the task of deno.json that does the same there. */
function script(name: string, ...args: readonly string[]): readonly [string, readonly string[]] {
  if (IS_DENO) return [process.execPath, ["task", "--quiet", name, ...args]];
  return ["npm", ["run", "-s", name, "--", ...args]];
}

async function show([command, args]: ReturnType<typeof script>, env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await execa(command, args, {
    env,
    stdin: "ignore",
    stdout: ["pipe", "inherit"],
    stderr: "inherit",
  });
  return stdout;
}

async function readAll(address: string): Promise<ReadonlyMap<string, ReadonlyMap<string, Row>>> {
  const all = new Map<string, ReadonlyMap<string, Row>>();
  for (const { database, name } of specs)
    all.set(`${database}.${name}`, await readRows(address, { database, collection: name }));
  return all;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await demo();
