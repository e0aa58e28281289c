/** What witness.test.ts stands on, tried where there is no Go tool: the calls, the comparison, the refusal to prove. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compareMetaFacts, readMetaFacts } from "../support/compare-metas.ts";
import { IS_DENO } from "../support/deno.ts";
import { openGoTool } from "../support/go-tool.ts";
import { goldenDirectory } from "../support/golden.ts";
import type { GoldenRelease } from "../support/golden.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const binary = fileURLToPath(new URL("fake-go-tool.mjs", import.meta.url));
const milvus = { address: "127.0.0.1:19530", root: "/var/lib/milvus/data" };
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "go-tool-"));
  vi.stubEnv("FAKE_CALLS", join(directory, "calls.jsonl"));
  vi.stubEnv("FAKE_GOLDEN", fileURLToPath(goldenDirectory("v0.5.16")));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

describe("openGoTool()", () => {
  it("calls the program as its command line wants it", async () => {
    const tool = await openGoTool({ binary, directory, milvus, target: join(directory, "backups") });
    await tool.create("b1", ["default", "db1"]);
    const printed = [await tool.list(), await tool.get("b1"), await tool.restore("b1", "_go"), await tool.delete("b1")];
    expect(printed).toEqual([
      ">> Backups:\nb1\n",
      expect.stringContaining('"milvus_version":"v2.3.5-lite"'),
      "duration:0.00 s\n",
      "delete backup done\n",
    ]);
    const calls = (await readFile(join(directory, "calls.jsonl"), "utf8")).trim().split("\n");
    expect(calls.map((line) => JSON.parse(line) as unknown)).toEqual([
      ["create", "-n", "b1", "--database_collections", '{"default":[],"db1":[]}'],
      ["list"],
      ["get", "-n", "b1"],
      ["restore", "-n", "b1", "-s", "_go", "--restore_index"],
      ["delete", "-n", "b1"],
    ]);
    expect(await readdir(join(directory, "backups"))).toEqual([]);
  });

  it("gives it a config of the first schema, with both places on the disk", async () => {
    await openGoTool({ binary, directory, milvus, target: "/mnt/nas" });
    expect(JSON.parse(await readFile(join(directory, "backup.yaml"), "utf8"))).toMatchObject({
      milvus: { address: "127.0.0.1", port: 19530, authorizationEnabled: false },
      minio: {
        storageType: "local",
        rootPath: "/var/lib/milvus/data",
        backupStorageType: "local",
        backupRootPath: "/mnt/nas",
      },
    });
  });

  it("throws with what the program said when it fails", async () => {
    const tool = await openGoTool({ binary, directory, milvus, target: join(directory, "backups") });
    await expect(tool.get("b2")).rejects.toThrow("backup b2 not found");
  });
});

describe("compareMetaFacts()", () => {
  const factsOf = (release: GoldenRelease) => readMetaFacts(fileURLToPath(goldenDirectory(release)));

  it("finds that two releases say the same of one Milvus, but for what the older one does not write", async () => {
    const [older, newer] = [await factsOf("v0.4.15"), await factsOf("v0.5.16")];
    expect(older.size).toBeGreaterThan(1_000);
    expect(compareMetaFacts(older, newer)).toEqual([]);
    expect(compareMetaFacts(newer, newer)).toEqual([]);
  });

  it("finds by its key what only the newer one writes", async () => {
    const lines = compareMetaFacts(await factsOf("v0.5.16"), await factsOf("v0.4.15"));
    const paths = lines.map((line) => line.replace(/ is not there, .*/, "").replaceAll(/\[[^\]]*\]/g, ""));
    const keys = paths.map((path) => /(\w+)(\.(key|value|db_name))?$/.exec(path)?.[1]);
    expect([...new Set(keys)].toSorted()).toEqual([
      "aliases",
      "created_timestamp",
      "database_backups",
      "index_id",
      "log_id",
      "physical_channel_names",
      "properties",
      "virtual_channel_names",
    ]);
  });

  it("tells what is missing, added or different, by file and key", async () => {
    const theirs = await factsOf("v0.5.16");
    const ours = new Map(theirs);
    const path = [...theirs.keys()].find((key) => /^segment_meta\.json: .*num_of_rows$/.test(key)) ?? "";
    ours.set("full_meta.json: size", "1").set("backup_meta.json: stray", '"x"').delete(path);
    expect(compareMetaFacts(theirs, ours).toSorted()).toEqual([
      'backup_meta.json: stray is "x", theirs not there',
      "full_meta.json: size is 1, theirs 460769",
      `${path} is not there, theirs ${theirs.get(path)}`,
    ]);
  });
});

it("npm run test:go-tool without a program says that it proved nothing, and exits with 75", async () => {
  const runtime = IS_DENO ? ["run", "-A"] : ["--import", "tsx"];
  const { MILVUS_BACKUP_GO_BIN: _, ...env } = process.env;
  const ended = new Promise<{ status: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [...runtime, "scripts/go-tool.ts"], { cwd: root, env }, (error, _stdout, stderr) =>
      resolve({ status: error?.code, stderr }),
    );
  });
  expect(await ended).toEqual({ status: 75, stderr: expect.stringContaining("Nothing is proved") });
});
