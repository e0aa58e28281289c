import { spawn } from "node:child_process";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../src/core/version.ts";
import { createConfigFolder, minimalConfig } from "./support/config-folder.ts";
import type { ConfigFolder } from "./support/config-folder.ts";
import { denoFlags, IS_DENO } from "./support/deno.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { imports: IMPORTS } = JSON.parse(readFileSync(`${ROOT}deno.json`, "utf8")) as {
  readonly imports: Readonly<Record<string, string>>;
};
/** The packages that the tool depends on. */
const PACKAGES = Object.keys(IMPORTS).filter((name) => !/^(milvus-backup|vitest)/.test(name));
/** Those that read a config. */
const FOR_CONFIGS = new Set(["cosmiconfig", "execa", "jiti", "yaml", "zod"]);

interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface CliOptions {
  readonly cwd?: string;
  /** Packages that cannot be imported. */
  readonly without?: readonly string[];
  /** Close stdout at once, as a reader does that has seen enough. */
  readonly closeStdout?: boolean;
}

/** The tool in a process of its own, from source. */
function runCli(
  args: readonly string[],
  { cwd = folder.path, without = [], closeStdout = false }: CliOptions = {},
): Promise<CliResult> {
  const words = [...(IS_DENO ? onDeno(without) : onNode(without)), `${ROOT}src/cli.ts`, ...args];
  const child = spawn(process.execPath, words, { cwd, env: { ...process.env, NO_COLOR: "1" } });
  const out: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  child.stderr.on("data", (chunk: Buffer) => out.stderr.push(chunk));
  if (closeStdout) child.stdout.destroy();
  else child.stdout.on("data", (chunk: Buffer) => out.stdout.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) =>
      resolve({ status, stdout: Buffer.concat(out.stdout).toString(), stderr: Buffer.concat(out.stderr).toString() }),
    );
  });
}

function onNode(without: readonly string[]): readonly string[] {
  const refuse = `export async function resolve(name, context, next) {
    if (${JSON.stringify(without)}.includes(name)) throw new Error("imports " + name);
    return next(name, context);
  }`;
  const hook = `import { register } from "node:module"; register(${JSON.stringify(toModule(refuse))});`;
  return ["--import", import.meta.resolve("tsx"), "--conditions=source", "--import", toModule(hook)];
}

/** Deno has no hooks; its import map says where packages are. */
function onDeno(without: readonly string[]): readonly string[] {
  const own = Object.entries(IMPORTS).map(([name, url]) => [name, url.replace(/^\.\//, `file://${ROOT}`)]);
  const refused = without.map((name) => [name, toModule(`throw new Error("imports ${name}");`)]);
  const imports = Object.fromEntries([...own, ...refused]);
  const map = `data:application/json,${encodeURIComponent(JSON.stringify({ imports }))}`;
  return ["run", ...denoFlags("everything"), "--config", `${ROOT}deno.json`, "--import-map", map];
}

function toModule(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

let folder: ConfigFolder;

beforeAll(async () => {
  const sources = { prod: { address: "127.0.0.1:1", storage: "data" } };
  const storages = { data: { type: "local", path: "./data" }, nas: { type: "local", path: "./nas" } };
  folder = await createConfigFolder({
    "milvus-backup.config.json": { ...minimalConfig, sources, storages },
    "policies/nightly.yaml": "source: prod\ntargets: [{ storage: nas }]\n",
  });
});
afterAll(() => folder[Symbol.asyncDispose]());

// the deadline is for a busy machine: each test is a process of its own, several at once
describe.concurrent("milvus-backup", { timeout: 60_000 }, () => {
  it("--version prints the version", async () => {
    expect(await runCli(["--version"])).toEqual({ status: 0, stdout: `${VERSION}\n`, stderr: "" });
  });

  it.each([[[]]])("%j prints the list of commands", async (args) => {
    const { status, stdout, stderr } = await runCli(args);
    expect([status, stderr]).toEqual([0, ""]);
    for (const name of ["run", "restore", "list", "validate"]) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  it.each([
    [["restore", "b1", "-h"], "restore NAME"],
    [["help", "restore"], "restore NAME"],
    [["help", "config", "schema"], "config schema [config|policy]"],
  ])("%j prints the command's help, and does nothing", async (args, usage) => {
    const { status, stdout, stderr } = await runCli(args);
    expect([status, stderr, stdout.includes(`Usage: milvus-backup ${usage}`)]).toEqual([0, "", true]);
  });

  it.each([
    [["restroe", "b1"], 'error: There is no command "restroe"\nhint: did you mean restore?\n'],
    [["constructor"], 'error: There is no command "constructor"\nhint: milvus-backup --help lists the commands\n'],
    [["list", "--traget", "x"], "did you mean --target?"],
    [["config", "shcema"], 'error: There is no command "config shcema"\nhint: did you mean config schema?\n'],
  ])("%j ends with 2, on stderr only", async (args, message) => {
    const { status, stdout, stderr } = await runCli(args);
    expect([status, stdout, stderr]).toEqual([2, "", expect.stringContaining(message)]);
  });

  it("run prints a failure with its hint to stderr, and nothing to stdout", async () => {
    const { status, stdout, stderr } = await runCli(["run", "nihgtly"]);
    expect([status, stdout]).toEqual([10, ""]);
    expect(stderr).toBe('error: There is no policy "nihgtly", did you mean "nightly"?\nhint: there is nightly\n');
  });

  it("validate prints to stdout what a person asked for", async () => {
    const { status, stdout, stderr } = await runCli(["validate"]);
    expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/is valid; its policies: nightly\n$/), ""]);
  });

  it("validate survives a reader that closes the pipe", async () => {
    const { status, stderr } = await runCli(["validate"], { closeStdout: true });
    expect([status, stderr]).toEqual([0, ""]);
  });

  it("check ends with its own status when the reader closes the pipe", async () => {
    const { status } = await runCli(["check"], { closeStdout: true });
    expect(status).toBe(14);
  });

  it.each([[["--help"]], [["restore", "--help"]], [["--version"]]])("%j imports no package", async (args) => {
    const { status, stderr } = await runCli(args, { without: PACKAGES });
    expect([status, stderr]).toEqual([0, ""]);
  });

  it("validate imports no package but those that read a config, and thereby no SDK", async () => {
    const { status, stderr } = await runCli(["validate"], {
      without: PACKAGES.filter((name) => !FOR_CONFIGS.has(name)),
    });
    expect([status, stderr]).toEqual([0, ""]);
  });

  it("a package that the tool does need is missed", async () => {
    const { status, stderr } = await runCli(["validate"], { without: ["zod"] });
    expect([status, stderr]).toEqual([70, expect.stringContaining("zod")]);
  });
});
