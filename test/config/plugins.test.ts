import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defineHook, definePlugin } from "../../src/plugin.ts";
import { z } from "zod";
import { createConfigFolder, minimalConfig, minimalPolicy } from "../support/config-folder.ts";
import type { ConfigFolder } from "../support/config-folder.ts";

const HEAD =
  'import { z } from "zod";\nimport { defineHook, definePlugin, defineStorage } from "milvus-backup/plugin";\n';
const module = (text: string): string => `${HEAD}${text}\n`;

const HOOK =
  'defineHook({ apiVersion: 1, name: "page", options: z.strictObject({ who: z.string() }), after: async () => {} })';
const OBSERVER =
  'definePlugin({ apiVersion: 1, name: "watch", options: z.strictObject({ path: z.string() }), on: {} })';
const STORAGE =
  'defineStorage({ apiVersion: 1, name: "tape", options: z.strictObject({ drive: z.number() }), open: async () => { throw new Error("no"); } })';

async function open(plugins: unknown, files: object = {}, config: object = {}): Promise<ConfigFolder> {
  return createConfigFolder({ "milvus-backup.config.json": { ...minimalConfig, ...config, plugins }, ...files });
}

async function problemsOf(folder: ConfigFolder): Promise<readonly string[]> {
  const problems = (await folder.loadError()).facts["problems"] as readonly { path: string; message: string }[];
  return problems.map(({ path, message }) => `${path}: ${message.replaceAll(folder.path, "")}`);
}

describe("plugins of a config", () => {
  it("plugins are loaded by path, and their names can be used as the tool's own", async () => {
    const storages = { ...minimalConfig.storages, tapes: { type: "tape", drive: 1 } };
    const hooks = [{ on: "after", use: "page", options: { who: "me" } }];
    await using folder = await open(
      ["./all.ts", { use: "./watch.mjs", options: { path: "./metrics" } }],
      { "all.ts": module(`export default [${HOOK}, ${STORAGE}];`), "watch.mjs": module(`export default ${OBSERVER};`) },
      { storages, policies: { nightly: { ...minimalPolicy, hooks } } },
    );
    const config = await folder.load();
    expect([config.storages.get("tapes")?.options, config.policies.get("nightly")?.hooks[0]?.after]).toEqual([
      { drive: 1 },
      { use: "page", options: { who: "me" } },
    ]);
    expect(config.observers.map(({ plugin: { name }, options }) => [name, options])).toEqual([
      ["watch", { path: join(folder.path, "metrics") }],
    ]);
  });

  it("plugins are loaded by the name of a package, as the config's folder sees it", async () => {
    await using folder = await open(["milvus-backup-plugin-page", "@ops/watch"]);
    for (const [name, text] of [
      ["milvus-backup-plugin-page", `export default ${HOOK};`],
      ["@ops/watch", "export default definePlugin({ apiVersion: 1, name: 'watch', on: {} });"],
    ] as const) {
      const place = join(folder.path, "node_modules", name);
      await mkdir(place, { recursive: true });
      const exports = { ".": { import: "./index.js" } };
      await writeFile(join(place, "package.json"), JSON.stringify({ name, type: "module", exports }));
      await writeFile(join(place, "index.js"), module(text));
    }
    const config = await folder.load();
    expect([Object.keys(config.hookPlugins), config.observers.map(({ plugin }) => plugin.name)]).toEqual([
      ["page", "command", "http"],
      ["watch"],
    ]);
  });

  it("plugins are taken as values", async () => {
    const text = `import { defineConfig } from "milvus-backup";\nexport default defineConfig({ ...${JSON.stringify(minimalConfig)}, plugins: [${HOOK}, { use: ${OBSERVER}, options: { path: "/m" } }] });`;
    await using folder = await createConfigFolder({ "milvus-backup.config.ts": module(text) });
    const config = await folder.load();
    expect([Object.keys(config.hookPlugins)[0], config.observers.map(({ options }) => options)]).toEqual([
      "page",
      [{ path: "/m" }],
    ]);
  });

  it("the tool's own observers are taken by name", async () => {
    const watch = definePlugin({ apiVersion: 1, name: "watch", options: z.strictObject({ path: z.string() }), on: {} });
    await using folder = await open([{ use: "watch", options: { path: "/m" } }]);
    const config = await folder.load({ observerPlugins: { watch: async () => watch } });
    expect(config.observers).toEqual([{ plugin: watch, options: { path: "/m" } }]);
  });

  it.each([
    [
      "it is for a newer API",
      "export default { kind: 'hook', apiVersion: 2, name: 'x', options: z.any() };",
      'the hook plugin "x" is written for plugin API 2, and this milvus-backup has 1: install a newer milvus-backup, or an older version of the plugin',
    ],
    [
      "it is for an older API",
      "export default { kind: 'hook', apiVersion: 0, name: 'x', options: z.any() };",
      'the hook plugin "x" is written for plugin API 0, and this milvus-backup has 1: install a newer version of the plugin',
    ],
    [
      "it is none",
      "export default { name: 'x' };",
      "the default export of ./p.ts is neither a plugin nor a list of them: make it with a define function",
    ],
    [
      "it is empty",
      "export default [];",
      "the default export of ./p.ts is neither a plugin nor a list of them: make it with a define function",
    ],
    ["it throws", "throw new Error('boom');", "plugin ./p.ts:3: it cannot be loaded: boom"],
    ["it has no default", "export const a = 1;", "plugin ./p.ts: it has no default export"],
    [
      "its name is taken",
      `export default ${STORAGE.replace("tape", "local")};`,
      'there is a storage plugin "local" already',
    ],
  ])("a plugin is refused when %s", async (_, text, message) => {
    await using folder = await open(["./p.ts"], { "p.ts": module(text) });
    expect(await problemsOf(folder)).toEqual([`plugins[0]: ${message}`]);
  });

  it.each([
    [
      "has no schema",
      "options: {}",
      'plugins[0]: the hook plugin "x" has no schema for its options, which is to be zod\'s',
    ],
    [
      "has a schema that throws",
      "options: z.unknown().refine(() => { throw new Error('boom'); })",
      "policies.nightly.hooks[0].options: the plugin cannot check its options: boom",
    ],
  ])("a hook plugin that %s is refused", async (_, options, problem) => {
    const text = `export default { kind: "hook", apiVersion: 1, name: "x", ${options}, before: async () => {} };`;
    const hooks = [{ on: "before", use: "x" }];
    await using folder = await open(
      ["./p.ts"],
      { "p.ts": module(text) },
      { policies: { nightly: { ...minimalPolicy, hooks } } },
    );
    expect(await problemsOf(folder)).toContain(problem);
  });

  it("plugins that are not there, not plugins, and options that nobody takes are refused, all at once", async () => {
    await using folder = await open(
      [
        "./none.ts",
        "no-such-package",
        7,
        {},
        { use: "./hook.ts", options: {} },
        { use: "./watch.ts", options: { pth: "" } },
      ],
      { "hook.ts": module(`export default ${HOOK};`), "watch.ts": module(`export default ${OBSERVER};`) },
    );
    expect(await problemsOf(folder)).toEqual(
      [
        'plugins[2]: expected a plugin: "./path.ts", "package", or { use, options }',
        'plugins[3]: expected a plugin: "./path.ts", "package", or { use, options }',
        expect.stringMatching(/^plugins\[0\]: plugin \.\/none\.ts: it cannot be loaded: /),
        expect.stringMatching(/^plugins\[1\]: plugin no-such-package: it cannot be loaded: /),
        "plugins[4].options: the options of a hook stand where it is used, in the policy's hooks",
        'plugins[5].options.pth: unknown key "pth", did you mean "path"?',
        'plugins[5].options.path: missing key "path", expected text',
      ].toSorted(),
    );
  });

  it("a plugin that does nothing at that moment is refused", async () => {
    const page = defineHook({ apiVersion: 1, name: "page", options: z.strictObject({}), after: async () => {} });
    const hooks = [{ around: "run", use: "page" }];
    await using folder = await open([], {}, { policies: { nightly: { ...minimalPolicy, hooks } } });
    const { facts } = await folder.loadError({ hookPlugins: { page: async () => page } });
    expect(facts["problems"]).toMatchObject([{ message: 'the plugin "page" does nothing before' }]);
  });
});
