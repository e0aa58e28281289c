/** examples/plugin-webdav as a stranger has it: our packed tarball and the package, in a folder with what they need only. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** What `npm pack` makes of a build of its own: other tests use that of the repository. */
async function pack(): Promise<string> {
  const stage = join(folder, "stage");
  for (const name of ["package.json", "README.md", "LICENSE", "schema", "src"]) {
    await cp(join(root, name), join(stage, name), { recursive: true });
  }
  await run("node_modules/.bin/tsc", ["-p", "tsconfig.build.json", "--outDir", join(stage, "dist")], { cwd: root });
  const { stdout } = await run("npm", ["pack", "--silent", "--ignore-scripts"], { cwd: stage });
  return join(stage, stdout.trim());
}

/** Both packages, and of what the repository has installed only what they say that they need. */
async function install(): Promise<void> {
  const modules = join(folder, "node_modules");
  const [own, plugin] = [join(modules, "milvus-backup"), join(folder, "plugin")];
  await mkdir(own, { recursive: true });
  await run("tar", ["-xzf", await pack(), "--strip-components=1", "-C", own]);
  await cp(join(root, "examples/plugin-webdav"), plugin, { recursive: true });
  await symlink(plugin, join(modules, "milvus-backup-plugin-webdav"));
  for (const place of [own, plugin]) {
    const manifest = JSON.parse(await readFile(join(place, "package.json"), "utf8")) as Manifest;
    const needed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    for (const name of needed) await link(name, modules);
  }
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
}

async function link(name: string, modules: string): Promise<void> {
  const place = join(modules, name);
  await mkdir(dirname(place), { recursive: true });
  await symlink(join(root, "node_modules", name), place).catch(unlessThere);
}

/** Both packages need zod, and the plugin ours, which is there already. */
function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
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

describe("examples/plugin-webdav", () => {
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
