/** examples/plugin-webdav as a stranger has it: our packed tarball and the package, installed in a folder of their own. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWebdavServer } from "../../examples/plugin-webdav/test/server.ts";
import type { WebdavServer } from "../../examples/plugin-webdav/test/server.ts";
import { createAll, dropDatabase } from "../support/dataset.ts";
import { specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const { local } = sandboxEnv();
const home = `plugin_${process.pid}`;
const deno = join(root, "node_modules/.bin/deno");
const CLI = "node_modules/milvus-backup/dist/src/cli.js";
const VITEST = "node_modules/vitest/vitest.mjs";
let folder: string;
let server: WebdavServer;

/** A config as a user writes it, with the package by its name. */
const config = (url: string): object => ({
  version: 1,
  sources: { local: { address: local.address, storage: "data" } },
  storages: { data: { type: "local", path: local.root }, cloud: { type: "webdav", url } },
  plugins: [{ use: "milvus-backup-plugin-webdav", options: { path: "./runs.prom" } }],
  policies: {
    nightly: {
      source: "local",
      targets: [{ storage: "cloud" }],
      select: { include: [`${home}.*`] },
      hooks: [{ on: "finally", shell: 'echo "$MILVUS_BACKUP_STATE" >> told' }],
    },
  },
});

async function install(): Promise<void> {
  await run("npm", ["run", "-s", "build"], { cwd: root });
  const { stdout } = await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], {
    cwd: root,
  });
  const plugin = join(folder, "plugin");
  await cp(join(root, "examples/plugin-webdav"), plugin, { recursive: true });
  const { version } = JSON.parse(await readFile(join(root, "node_modules/vitest/package.json"), "utf8")) as {
    version: string;
  };
  const dependencies = {
    "milvus-backup": `file:${stdout.trim()}`,
    "milvus-backup-plugin-webdav": "file:plugin",
    vitest: version,
  };
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", private: true, dependencies }));
  await run("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: folder });
}

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "plugin-package-")));
  server = await startWebdavServer();
  await install();
  await writeFile(join(folder, "milvus-backup.config.json"), JSON.stringify(config(server.url)));
  await mkdir(join(folder, "policies"));
  await createAll(local.address, [{ ...specOf("shared"), database: home, name: "a" }]);
}, 300_000);

afterAll(async () => {
  await dropDatabase(local.address, home);
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
}, 60_000);

const RUNTIMES = [
  ["Node", process.execPath.includes("deno") ? "node" : process.execPath, []],
  ["Deno", deno, ["run", "-A"]],
] as const;

// the kit writes thousands of objects by five requests each
describe("examples/plugin-webdav", { timeout: 900_000 }, () => {
  it("what is packed is what is named, and nothing of the sources", async () => {
    const names = await readdir(join(folder, "node_modules/milvus-backup"));
    expect(names.toSorted()).toEqual(["LICENSE", "README.md", "dist", "package.json", "schema"]);
  });

  it.each(RUNTIMES)("passes the conformance kit of the package that is installed, on %s", async (_, program, args) => {
    const words = [...args, VITEST, "run", "--dir", "plugin", "--pool", "forks"];
    const { stdout } = await run(program, words, {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1" },
      maxBuffer: 1e8,
    });
    expect(stdout).toMatch(/Test Files +2 passed \(2\)/);
  });

  it.each(RUNTIMES)("takes the backup of a policy, is listed and restored, on %s", async (name, program, args) => {
    const call = async (...words: readonly string[]): Promise<string> =>
      (await run(program, [...args, CLI, ...words], { cwd: folder, maxBuffer: 1e8 })).stdout;
    const report = JSON.parse((await call("run", "nightly", "--json")).trim().split("\n").at(-1) ?? "") as Report;
    expect(report).toMatchObject({ type: "report", state: "complete", target: "cloud", warnings: [] });
    const listed = JSON.parse(await call("list", "--json")) as readonly { name: string; state: string }[];
    expect(listed).toContainEqual(expect.objectContaining({ name: report.backup, state: "complete" }));
    const restore = await call("restore", report.backup, "--suffix", `_${name}`, "--json");
    expect(JSON.parse(restore.trim().split("\n").at(-1) ?? "")).toMatchObject({ state: "complete", exitStatus: 0 });
    expect((await readFile(join(folder, "told"), "utf8")).trim().split("\n").at(-1)).toBe("complete");
    expect(await readFile(join(folder, "runs.prom"), "utf8")).toMatch(
      /^milvus_backup_runs_total\{state="complete"\} \d+$/m,
    );
  });
});

interface Report {
  readonly backup: string;
}
