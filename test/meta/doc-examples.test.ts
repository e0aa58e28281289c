/** Every fenced block of the README and of docs/ is tried, here or where ELSEWHERE says. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COMMAND_LOADERS, splitName } from "../../src/commands/commands.ts";
import { parseCommand } from "../../src/commands/parse.ts";
import { builtinHooks, builtinStorages } from "../../src/builtins.ts";
import { streamSchema } from "../../src/report/stream-schema.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { callsOf, type DocBlock, docBlocks } from "../support/doc-blocks.ts";

const root = new URL("../../", import.meta.url);
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(new URL("docs/", root), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path}`),
];

/** Blocks that another test tries, by page and language. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "docs/policies.md yaml": "policies-guide.test.ts loads them",
  "docs/policies.md ts": "policies-guide.test.ts loads them",
  "docs/hooks.md yaml": "hooks-page.test.ts runs them",
  "docs/hooks.md ts": "hooks-page.test.ts runs it",
  "docs/verification.md yaml": "verification-page.test.ts loads it",
  "docs/retention.md yaml": "retention-page.test.ts loads it",
  "docs/scheduling.md yaml": "scheduling-page.test.ts loads it",
  "docs/encryption.md yaml": "encryption-page.test.ts loads it",
  "docs/library.md ts": "docs.test.ts: it is examples/library.ts, which is compiled",
  "docs/getting-started.md yaml": "sandbox/getting-started.test.ts: what init writes",
};

const blocks = PAGES.flatMap((page) => docBlocks(page).map((block) => ({ page, ...block })));
const of = (...languages: readonly string[]) =>
  blocks.filter(({ page, language }) => languages.includes(language) && !(`${page} ${language}` in ELSEWHERE));

describe("blocks for a shell, and what a command prints of itself", () => {
  const calls = of("sh", "text")
    .flatMap(({ page, text }) => callsOf(text).map((words) => ({ page, words })))
    .filter(({ words }) => !words.includes("[options]") && words[0] !== "--help");

  it.each(calls)("$page: $words", async ({ words }) => {
    const [name, ...args] = splitName(words);
    const command = await COMMAND_LOADERS[name]?.();
    expect(command?.name).toBe(name);
    if (command !== undefined) parseCommand(command, args);
  });
});

it("blocks without a call of the tool are of npm and Deno, which readme.test.ts and CI type, or typed on the sandbox", () => {
  const others = of("sh").filter(({ text }) => callsOf(text).length === 0);
  expect(others.filter(({ text }) => !/^(?:npm|deno|export) /.test(text))).toEqual([]);
});

describe("blocks of data", () => {
  it.each(of("json"))("$page: a line of the stream", ({ text }) => {
    expect(streamSchema.safeParse(JSON.parse(text)).error).toBeUndefined();
  });
});

describe("the README's config and policies", () => {
  const readme = of("yaml", "ts").filter(({ page }) => page === "README.md");
  const files = readme.flatMap(({ file, text }) => (file === undefined ? [] : [[file, text] as const]));
  const others = readme.filter(({ file }) => file === undefined);

  it("loads, with what else it says a policy can have", async () => {
    const more = others.filter(({ language }) => language === "yaml").map(({ text }) => text);
    const nightly = new Map(files).get("policies/nightly.yaml") ?? "";
    const variants = more.map(
      (text, index) => [`policies/more${index}.yaml`, `extends: ./nightly.yaml\n${text}`] as const,
    );
    await using folder = await createConfigFolder(Object.fromEntries([...files, ...variants]));
    const { policies } = await folder.load({ storagePlugins: builtinStorages, hookPlugins: builtinHooks });
    expect([...policies.keys()]).toEqual([...variants.keys()].map((index) => `more${index}`).concat("nightly"));
    expect([nightly !== "", more.length > 0]).toEqual([true, true]);
  });

  it("imports only what there is", async () => {
    const library: object = await import("../../src/index.ts");
    const code = others.filter(({ language }) => language === "ts").map(({ text }) => text);
    const imported = code.flatMap((text) => [...text.matchAll(/^import \{ (.*) \} from "milvus-backup";$/gm)]);
    const names = imported.flatMap(([, list = ""]) => list.split(", "));
    expect([imported.length, names.filter((name) => !(name in library))]).toEqual([code.length, []]);
  });
});

it("there is no block that nothing tries", () => {
  const tried = new Set<DocBlock>([
    ...of("sh", "text", "json"),
    ...of("yaml", "ts").filter(({ page }) => page === "README.md"),
  ]);
  const diagram = ({ page, language }: { readonly page: string; readonly language: string }): boolean =>
    page === "CONTRIBUTING.md" && language === "";
  const left = blocks.filter(
    (block) => !tried.has(block) && !(`${block.page} ${block.language}` in ELSEWHERE) && !diagram(block),
  );
  expect(left).toEqual([]);
  expect(
    Object.keys(ELSEWHERE).filter((key) => !blocks.some(({ page, language }) => `${page} ${language}` === key)),
  ).toEqual([]);
});
