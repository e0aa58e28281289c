/** docs/getting-started.md, word for word: in an empty folder, on the real Milvus. */
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAll, dropDatabase } from "../support/dataset.ts";
import { readRows } from "../support/dataset-read.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { cliWords } from "../support/cli-words.ts";
import { docBlocks } from "../support/doc-blocks.ts";
import { sandboxEnv } from "../support/sandbox.ts";

const { address, root } = sandboxEnv().local;
const blocks = docBlocks("docs/getting-started.md");
/** Of the page; no other test has it on the servers. */
const DATABASE = "shop";
const NAMES = ["text_keys", "empty"];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "milvus-backup-start-"));
  await dropDatabase(address, DATABASE);
  await createAll(address, inDatabases(NAMES.map(specOf), { default: DATABASE }));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  await dropDatabase(address, DATABASE);
});

interface Typed {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a person types there, line by line until one fails, where `milvus-backup` is installed. */
async function type(directory: string, lines: string): Promise<Typed> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(
    join(bin, "milvus-backup"),
    `#!/bin/sh\nexec ${cliWords()
      .map((word) => `'${word}'`)
      .join(" ")} "$@"\n`,
  );
  await chmod(join(bin, "milvus-backup"), 0o755);
  const person = { NAME: "a", EMAIL: "a@example.com" };
  const env = {
    ...process.env,
    PATH: [bin, process.env["PATH"]].join(delimiter),
    MILVUS_ADDRESS: address,
    MILVUS_DATA: root,
    ...Object.fromEntries(
      Object.entries(person).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    ),
  };
  return new Promise((resolve) => {
    execFile("bash", ["-euc", lines], { cwd: directory, env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

it("the page leads from an empty folder to a nightly backup that is checked in and comes back", async () => {
  const directory = join(folder, "empty");
  await mkdir(directory);
  const lines = blocks.filter(({ language }) => language === "sh").map(({ text }) => text);
  const { status, stdout, stderr } = await type(directory, [...lines, "git ls-files"].join("\n"));
  expect([status, stderr.includes("error:"), stdout]).toEqual([0, false, expect.stringContaining("ok")]);

  const written = blocks.flatMap(({ file, text }) => (file === undefined ? [] : [[file, text] as const]));
  expect(written.map(([file]) => file)).toEqual(["milvus-backup.config.yaml", "policies/nightly.yaml"]);
  for (const [file, text] of written) {
    const found = await readFile(join(directory, file), "utf8");
    expect(found.replace(address, "localhost:19530").replace(root, "/var/lib/milvus/data")).toBe(text);
  }
  expect(stdout.trimEnd().split("\n").slice(-3)).toEqual([".gitignore", ...written.map(([file]) => file)]);
  for (const name of NAMES) {
    const rows = await readRows(address, { database: DATABASE, collection: name });
    expect(await readRows(address, { database: DATABASE, collection: `${name}_restored` })).toEqual(rows);
  }
});
