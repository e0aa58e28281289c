import { readdir, readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { fileName } from "../../scripts/docs/command-page.ts";
import { docPages } from "../../scripts/docs/pages.ts";
import { COMMAND_LOADERS } from "../../src/commands/commands.ts";

const root = new URL("../../", import.meta.url);
const pages = await docPages();

it.each([...pages])("%s says what the code says: npm run docs", async (path, text) => {
  expect(await readFile(new URL(path, root), "utf8")).toBe(text);
});

it("docs/commands has a page for each command, to which the README points, and no other", async () => {
  const names = Object.keys(COMMAND_LOADERS).map((name) => `${fileName(name)}.md`);
  expect((await readdir(new URL("docs/commands/", root))).toSorted()).toEqual(names.toSorted());
  const readme = await readFile(new URL("README.md", root), "utf8");
  expect(names.filter((name) => !readme.includes(`(docs/commands/${name})`))).toEqual([]);
});
