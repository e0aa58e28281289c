import { readFileSync } from "node:fs";
import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { createConfigFolder } from "../support/config-folder.ts";
import type { ConfigFolder } from "../support/config-folder.ts";
import { runCommand } from "../support/run-command.ts";
import type { CommandResult } from "../support/run-command.ts";

const page = readFileSync(new URL("../../docs/hooks.md", import.meta.url), "utf8");
const EXAMPLE = /<!-- hooks example: (\w+) -->\n\n```(yaml|ts)\n(.*?)```/gs;
const examples = new Map(
  Array.from(page.matchAll(EXAMPLE), ([, name = "", kind, text = ""]) => [name, { kind, text }]),
);

/** A Milvus that nobody hears. */
const config = {
  version: 1,
  sources: { prod: { address: "127.0.0.1:1", storage: "data" } },
  storages: { data: { type: "local", path: "./data" }, nas: { type: "local", path: "./nas" } },
};

const textOf = (name: string): string => examples.get(name)?.text ?? "";
const openPolicy = (text: string, plugins: readonly string[] = [], files: object = {}): Promise<ConfigFolder> =>
  createConfigFolder({ "milvus-backup.config.json": { ...config, plugins }, "policies/nightly.yaml": text, ...files });
const run = ({ path: cwd }: ConfigFolder, ...words: readonly [string, ...string[]]): Promise<CommandResult> =>
  runCommand({ cwd, env: { PATH: process.env["PATH"] ?? "" } }, ...words);

describe("docs/hooks.md", () => {
  it("has the examples that are tested here", () => {
    expect([...examples].map(([name, { kind }]) => `${name} ${kind}`)).toEqual([
      "quiesce yaml",
      "values yaml",
      "healthchecks yaml",
      "plugin ts",
    ]);
  });

  it.each(["quiesce", "values", "healthchecks"])("its example %s is valid", async (name) => {
    await using folder = await openPolicy(textOf(name));
    expect(await run(folder, "validate")).toMatchObject({ status: 0, stderr: "" });
  });

  it("its example values hands a value on, and skips on a holiday", async () => {
    await using folder = await openPolicy(textOf("values"));
    const { status } = await run(folder, "run", "nightly");
    await writeFile(join(folder.path, "holiday"), "");
    const holiday = await run(folder, "run", "nightly");
    const log = await readFile(join(folder.path, "hooks.log"), "utf8");
    expect([status, holiday.status, log]).toEqual([14, 75, "paused since noon, failed\npaused since noon, skipped\n"]);
  });

  it("its example plugin runs", async () => {
    const policy =
      "source: prod\ntargets: [{ storage: nas }]\nhooks: [{ around: run, use: count, options: { start: 41 } }]\n";
    await using folder = await openPolicy(policy, ["./count.ts"], { "count.ts": textOf("plugin") });
    const { stdout } = await run(folder, "run", "nightly", "--json");
    expect(stdout).toContain('"output":"counting"');
    expect(stdout).toMatch(/"output":"42: [^"]*127\.0\.0\.1:1/);
    await expect(access(join(folder.path, "nas"))).rejects.toThrow("ENOENT");
  });
});
