import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMAND_LOADERS } from "../../src/commands/commands.ts";
import { createConfigFolder, minimalConfig, minimalPolicy } from "../support/config-folder.ts";
import type { ConfigFolder } from "../support/config-folder.ts";
import { writeGolden } from "../support/golden-storage.ts";
import { runCommand } from "../support/run-command.ts";
import { openLocal } from "../../plugins/storage-local/local.ts";

let folder: ConfigFolder;
let scripts: Readonly<Record<"bash" | "zsh" | "fish", string>>;

beforeAll(async () => {
  folder = await createConfigFolder({
    "milvus-backup.config.json": {
      ...minimalConfig,
      storages: { data: { type: "local", path: "./data" }, nas: { type: "local", path: "./nas" } },
      policies: { nightly: minimalPolicy, weekly: minimalPolicy },
      groups: { prod: ["nightly"] },
    },
  });
  const print = async (shell: string): Promise<string> =>
    (await runCommand({ cwd: folder.path }, "completion", shell)).stdout;
  scripts = { bash: await print("bash"), zsh: await print("zsh"), fish: await print("fish") };
  await writeFile(join(folder.path, "milvus-backup.bash"), scripts.bash);
});

afterAll(() => folder[Symbol.asyncDispose]());

/** What bash offers behind these words; looking up names is told instead of done. */
async function complete(...words: readonly string[]): Promise<readonly string[]> {
  const script = [
    'milvus-backup() { echo "asked:$(IFS=_; echo "$*")"; }',
    "source ./milvus-backup.bash",
    'COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))',
    '_milvus_backup && printf "%s\\n" "${COMPREPLY[@]}"',
  ].join("\n");
  const child = spawn("bash", ["--norc", "-c", script, "bash", "milvus-backup", ...words], { cwd: folder.path });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
}

describe("completion in bash", () => {
  it.each([
    [["va"], ["validate"]],
    [["help", "res"], ["restore"]],
    [
      ["restore", "b1", "--on-conflict", ""],
      ["fail", "skip", "replace", "append"],
    ],
    [["restore", "b1", "--index", "a"], ["auto"]],
    [
      ["run", "--log-format", ""],
      ["pretty", "json"],
    ],
    [
      ["run", "--log-format", "="],
      ["pretty", "json"],
    ],
    [["run", "--log-format", "=", "p"], ["pretty"]],
    [["get", "--r"], ["--rows"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["list", "--config", ""], []],
    [
      ["config", ""],
      ["show", "import", "schema"],
    ],
    [
      ["config", "schema", ""],
      ["config", "policy"],
    ],
    [["no-such-command", ""], []],
    [["create", "word"], []],
  ])("of %j offers %j", async (words, offered) => {
    expect(await complete(...words)).toEqual(offered);
  });

  it.each([
    [["run", ""], "policies"],
    [["run", "nightly", ""], "policies"],
    [["run", "--group", ""], "groups"],
    [["restore", ""], "backups"],
    [["restore", "b1", "-t", ""], "storages"],
    [["create", "--source", ""], "sources"],
  ])("of %j asks the tool for %s", async (words, kind) => {
    expect(await complete(...words)).toEqual([`asked:completion_--names_${kind}`]);
  });

  it("asks in the config that the line names", async () => {
    expect(await complete("run", "-c", "a.yaml", "")).toEqual(["asked:completion_--names_policies_--config_a.yaml"]);
  });

  it("offers every command, and every option of each", async () => {
    const first = new Set(Object.keys(COMMAND_LOADERS).map((name) => name.split(" ")[0]));
    expect(await complete("")).toEqual([...first, "help", "--help", "--version"]);
    for (const [name, load] of Object.entries(COMMAND_LOADERS)) {
      const options = Object.keys((await load()).options).map((option) => `--${option}`);
      expect([name, await complete(...name.split(" "), "-")]).toEqual([name, [...options, "--help"]]);
    }
  }, 60_000);
});

describe("completion --names", () => {
  it.each([
    ["policies", ["nightly", "weekly"]],
    ["groups", ["prod"]],
    ["sources", ["prod"]],
    ["storages", ["data", "nas"]],
  ])("prints the names of %s, a line each", async (kind, names) => {
    expect(await runCommand({ cwd: folder.path }, "completion", "--names", kind)).toEqual({
      status: 0,
      stdout: names.join("\n"),
      stderr: "",
    });
  });

  it("prints the names of backups, but none that a shell would do more with than read", async () => {
    await mkdir(join(folder.path, "nas"), { recursive: true });
    await using storage = await openLocal(join(folder.path, "nas"), false);
    await writeGolden(storage, "v0.4.15", "b1");
    await writeGolden(storage, "v0.4.15", "$(touch owned)");
    const { stdout } = await runCommand({ cwd: folder.path }, "completion", "--names", "backups");
    expect(stdout).toBe("b1");
  });
});

it.each([[[]], [["tcsh"]]])("completion %j ends with 2 and names the shells", async (args) => {
  const { status, stdout, stderr } = await runCommand({ cwd: folder.path }, "completion", ...args);
  expect([status, stdout, stderr]).toEqual([2, "", expect.stringContaining("say one of bash, zsh, fish")]);
});

describe("the text for other shells", () => {
  it("zsh gets bash's function by zsh's own bridge", () => {
    const [, ...bash] = scripts.bash.split("\n");
    const [, bridge, ...zsh] = scripts.zsh.split("\n");
    expect([bridge, zsh]).toEqual(["autoload -Uz bashcompinit && bashcompinit", bash]);
  });

  it("fish gets a line for each command, operand and option", () => {
    const lines = scripts.fish.split("\n");
    const restore = "complete -c milvus-backup -n '__fish_seen_subcommand_from restore'";
    expect(lines).toEqual(
      expect.arrayContaining([
        "complete -c milvus-backup -f",
        "complete -c milvus-backup -n __fish_use_subcommand -a restore -d 'Bring a backup back, and compare what came back'",
        `${restore} -a '(milvus-backup completion --names backups 2>/dev/null)'`,
        `${restore} -l index -x -a 'same auto none' -d 'same (default), auto or none'`,
        `${restore} -l source -x -a '(milvus-backup completion --names sources 2>/dev/null)' -d 'A source of the config, or host:port of a Milvus'`,
        `${restore} -l config -s c -r -F -d 'The config file; else it is looked for upward from here'`,
        `${restore} -l load -d 'Load what was loaded when the backup was made'`,
      ]),
    );
  });
});
