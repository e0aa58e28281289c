import { spawn } from "node:child_process";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../src/core/version.ts";
import { createConfigFolder, minimalConfig } from "./support/config-folder.ts";
import type { ConfigFolder } from "./support/config-folder.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const IS_DENO = "Deno" in globalThis;

interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface CliOptions {
  readonly cwd?: string;
  /** Node's own arguments, before the program. */
  readonly node?: readonly string[];
  /** Close stdout at once, as a reader does that has seen enough. */
  readonly closeStdout?: boolean;
}

/** The tool in a process of its own, from source. */
function runCli(
  args: readonly string[],
  { cwd = folder.path, node = [], closeStdout = false }: CliOptions = {},
): Promise<CliResult> {
  const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
  const runtime = IS_DENO
    ? ["run", "-A", "--config", `${ROOT}deno.json`]
    : [...node, "--import", import.meta.resolve("tsx"), "--conditions=source"];
  const child = spawn(process.execPath, [...runtime, cli, ...args], { cwd, env: { ...process.env, NO_COLOR: "1" } });
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

describe.concurrent("milvus-backup", () => {
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
  }, 40_000);

  it.skipIf(IS_DENO).each([["--help"], ["validate"]])(
    "%s takes less than a second and a half of CPU, tsx included, and loads neither SDK",
    async (command) => {
      const spy = `import { createRequire } from "node:module"; import process from "node:process";
        process.on("exit", () => {
          const { user, system } = process.cpuUsage();
          const loaded = Object.keys(createRequire("${ROOT}package.json").cache).map((path) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(path)?.[1]);
          console.error(JSON.stringify({ ms: (user + system) / 1000, loaded: [...new Set(loaded)] }));
        });`;
      const { stderr } = await runCli([command], {
        node: ["--import", `data:text/javascript,${encodeURIComponent(spy)}`],
      });
      const { ms, loaded } = JSON.parse(stderr) as { readonly ms: number; readonly loaded: readonly string[] };
      const heavy = new Set(["@zilliz/milvus2-sdk-node", "@grpc/grpc-js", "@aws-sdk/client-s3", "protobufjs"]);
      expect(loaded.filter((name) => heavy.has(name))).toEqual([]);
      expect(ms).toBeLessThan(1500);
    },
  );
});
