import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const IS_DENO: boolean = "Deno" in globalThis;

/** The Deno that these tests run in, else the one that npm installed. */
export const DENO: string = IS_DENO
  ? process.execPath
  : fileURLToPath(new URL("../../node_modules/.bin/deno", import.meta.url));

/** What the README's table says that Deno must permit, by use: `--allow-net=MILVUS,S3`. */
export const DENO_FLAGS: ReadonlyMap<string, readonly string[]> = readFlags();

/** The flags for a use, its words in capitals replaced by places: `{ MILVUS: "localhost:19530" }`. */
export function denoFlags(use: string, places: Readonly<Record<string, string>> = {}): readonly string[] {
  const flags = DENO_FLAGS.get(use);
  if (flags === undefined) throw new TypeError(`The README has no Deno flags for ${use}`);
  return flags.map((flag) => flag.replaceAll(/[A-Z]+[0-9]?/g, (word) => places[word] ?? word));
}

function readFlags(): ReadonlyMap<string, readonly string[]> {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const rows = readme.matchAll(/^\| (.+?) +\| `(--allow-[^`]+)` +\|$/gm);
  return new Map(Array.from(rows, ([, use = "", flags = ""]) => [use.replaceAll("`", ""), flags.split(" ")]));
}
