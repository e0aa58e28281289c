/** What the README tells to type in a checkout does what it says, with nothing on stderr. */
import { exec } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, delimiter } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { DENO } from "../support/deno.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** They install, or need a Milvus: CI begins with the one, and tries the other by itself. */
const ELSEWHERE = new Set(["npm run -s bootstrap", "deno install", "deno task demo"]);

const [, section = ""] = readFileSync(`${root}README.md`, "utf8").split("## On Node, on Deno\n");
const [text = ""] = section.split("\n## ");
const commands = Array.from(text.matchAll(/^```sh\n(.*?)^```/gms), ([, lines = ""]) => lines.trim().split("\n")).flat();

it("the README tells what to type on Node and on Deno", () => {
  expect(commands.length).toBeGreaterThan(ELSEWHERE.size);
  expect(commands).toEqual(expect.arrayContaining([...ELSEWHERE]));
});

it.each(commands.filter((command) => !ELSEWHERE.has(command)))(
  "%s works in a checkout",
  async (command) => {
    const config = `${root}milvus-backup.config.ts is valid; its policies: nightly\n`;
    expect(await type(command)).toEqual({
      error: null,
      stdout: command.endsWith(" validate") ? config : "",
      stderr: "",
    });
  },
  120_000,
);

it("what was built prints the help that the source does", async () => {
  const [fromSource, built] = [await type("deno run src/cli.ts --help"), await type("node dist/src/cli.js --help")];
  expect(fromSource).toMatchObject({ error: null, stdout: expect.stringContaining("Usage: milvus-backup") });
  expect(built).toEqual(fromSource);
});

/** Does what a shell does that finds `deno` where npm has put it. */
function type(command: string): Promise<unknown> {
  const env = { ...process.env, PATH: [dirname(DENO), process.env["PATH"]].join(delimiter), NO_COLOR: "1" };
  return new Promise((resolve) => {
    exec(command, { cwd: root, env }, (error, stdout, stderr) => resolve({ error, stdout, stderr }));
  });
}
