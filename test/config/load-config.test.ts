import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyConfig } from "../../src/config/load-config.ts";
import { createConfigFolder, minimalConfig, minimalPolicy, storagePlugins } from "../support/config-folder.ts";

const toYaml = (data: unknown): string => JSON.stringify(data); // JSON is YAML, too
const toModule = (data: unknown, define: string): string =>
  `import { ${define} } from "milvus-backup";\nexport default ${define}(${JSON.stringify(data)});\n`;

/** The digest of a policy, with other settings in the config and in the policy. */
const digest = async (settings: object, policy: object): Promise<string | undefined> => {
  await using folder = await createConfigFolder({
    "milvus-backup.config.json": { ...minimalConfig, ...settings },
    "policies/nightly.json": { ...minimalPolicy, ...policy },
  });
  const config = await folder.load();
  return config.policies.get("nightly")?.digest;
};

const nasNamed = (name: unknown): object => ({
  storages: { ...minimalConfig.storages, nas: { type: "memory", name } },
});

describe("loadConfig()", () => {
  it("loadConfig() gives every default when the config says the least", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": minimalConfig,
      "policies/nightly.json": minimalPolicy,
    });
    const config = await folder.load();
    const rest = { secrets: undefined, storagePlugins: undefined, hookPlugins: undefined, originOf: undefined };
    expect({ ...config, ...rest }).toEqual({
      path: join(folder.path, "milvus-backup.config.json"),
      directory: folder.path,
      env: {},
      observers: [],
      plugins: [],
      sources: new Map([["prod", { name: "prod", address: "localhost:19530", storage: "data" }]]),
      storages: new Map([
        ["data", { name: "data", type: "local", prefix: "", readableByMilvus: false, options: { path: "/data" } }],
        ["nas", { name: "nas", type: "local", prefix: "", readableByMilvus: false, options: { path: "/nas" } }],
      ]),
      policies: new Map([
        [
          "nightly",
          {
            name: "nightly",
            source: "prod",
            targets: [{ storage: "nas", prefix: "" }],
            select: { include: ["*.*"], exclude: [] },
            consistency: "flush",
            gc: "off",
            limits: { collections: 4, objects: 64, imports: 8 },
            hooks: [],
            checks: [],
            digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
        ],
      ]),
      groups: new Map(),
      identities: [],
      limits: { collections: 4, objects: 64, imports: 8 },
    });
  });

  it("loadConfig() gives the same from every kind of file", async () => {
    const config = { ...minimalConfig, limits: { objects: 10 } };
    const policy = { ...minimalPolicy, select: { exclude: ["*.tmp_*"] }, limits: { imports: 2 } };
    const loaded = await Promise.all(
      ["ts", "js", "mjs", "json", "yaml", "yml"].map(async (kind) => {
        const isCode = kind.endsWith("s");
        await using folder = await createConfigFolder({
          [`milvus-backup.config.${kind}`]: isCode ? toModule(config, "defineConfig") : toYaml(config),
          [`policies/nightly.${kind}`]: isCode ? toModule(policy, "definePolicy") : toYaml(policy),
        });
        const { sources, storages, policies, limits } = await folder.load();
        return { sources, storages, policies, limits };
      }),
    );
    expect(loaded[0]?.policies.get("nightly")?.limits).toEqual({ collections: 4, objects: 10, imports: 2 });
    for (const each of loaded) expect(each).toEqual(loaded[0]);
  });

  it("loadConfig() reads a config from package.json, from .milvus-backuprc and from a CommonJS module", async () => {
    const inline = { ...minimalConfig, policies: { nightly: minimalPolicy } };
    for (const [name, content] of [
      ["package.json", { name: "infrastructure", "milvus-backup": inline }],
      [".milvus-backuprc", inline],
      ["milvus-backup.config.js", `module.exports = ${JSON.stringify(inline)};`],
    ] as const) {
      await using folder = await createConfigFolder({ [name]: content });
      const config = await folder.load();
      expect([config.path, [...config.policies.keys()]]).toEqual([join(folder.path, name), ["nightly"]]);
    }
  });

  it("loadConfig() looks upward from the working directory, up to the project's root", async () => {
    await using folder = await createConfigFolder({ "milvus-backup.config.json": minimalConfig });
    const below = join(folder.path, "a", "b");
    await mkdir(below, { recursive: true });
    expect((await folder.load({ cwd: below })).path).toBe(join(folder.path, "milvus-backup.config.json"));
    await using other = await createConfigFolder({ "milvus-backup.config.json": minimalConfig, "a/package.json": {} });
    const error = await other.loadError({ cwd: join(other.path, "a") });
    expect([error.code, error.message]).toEqual([
      "not-found",
      `There is no milvus-backup.config in ${join(other.path, "a")} or above it`,
    ]);
  });

  it("loadConfig() takes the config that is given, relative to the working directory", async () => {
    await using folder = await createConfigFolder({ "other/my.yaml": toYaml(minimalConfig) });
    expect((await folder.load({ configPath: "other/my.yaml" })).path).toBe(join(folder.path, "other/my.yaml"));
    const error = await folder.loadError({ configPath: "my.yaml" });
    expect([error.code, error.message]).toEqual(["not-found", "Cannot find the config file my.yaml"]);
  });

  it("loadConfig() reads policies of the folder that is named and of the config, and no other files", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": {
        ...minimalConfig,
        policiesDir: "${DIR}/policies",
        policies: { inline: minimalPolicy },
      },
      "infra/policies/weekly-archive.yaml": toYaml(minimalPolicy),
      "infra/policies/README.md": "no policy",
      "infra/policies/types.d.ts": "no policy",
      "infra/policies/.hidden.yaml": "no policy",
      "infra/policies/old/nightly.yaml": "no policy",
    });
    const config = await folder.load({ env: { DIR: "infra" } });
    expect([...config.policies.keys()]).toEqual(["inline", "weekly-archive"]);
  });

  it("loadConfig() makes paths absolute from the config's folder, wherever it is called", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": {
        version: 1,
        sources: { prod: { address: "m", storage: "data", tls: { ca: "tls/ca.pem", serverName: "milvus" } } },
        storages: {
          data: { type: "local", path: "data", prefix: "files" },
          nas: { type: "local", path: "${NAS:-../nas}", readableByMilvus: "/mnt/nas" },
        },
      },
      "below/file": "",
    });
    const config = await folder.load({ cwd: join(folder.path, "below") });
    expect(config.sources.get("prod")?.tls).toEqual({ ca: join(folder.path, "tls/ca.pem"), serverName: "milvus" });
    expect([...config.storages.values()].map(({ options, readableByMilvus }) => [options, readableByMilvus])).toEqual([
      [{ path: join(folder.path, "data") }, false],
      [{ path: join(folder.path, "../nas") }, "/mnt/nas"],
    ]);
  });

  it("loadConfig() allows keys for anchors at the top, and merges them", async () => {
    const common = "x-common: &common\n  source: prod\n  consistency: skip-flush\n";
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": minimalConfig,
      "policies/nightly.yaml": `${common}<<: *common\ntargets: [{ storage: nas }]\n`,
    });
    expect((await folder.load()).policies.get("nightly")?.consistency).toBe("skip-flush");
  });

  it("loadConfig() stops when the signal says so", async () => {
    await using folder = await createConfigFolder({ "milvus-backup.config.json": minimalConfig });
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(folder.load({ signal })).rejects.toThrow("stopped");
  });

  it("loadConfig() gives a digest that changes with what is backed up, and not with limits or secrets", async () => {
    const auth = { username: "root", password: { env: "PASSWORD" } };
    const plain = await digest({}, {});
    expect(await digest({ limits: { objects: 3 } }, { limits: { imports: 1 }, select: {} })).toBe(plain);
    expect(await digest({ sources: { prod: { ...minimalConfig.sources.prod, auth } } }, {})).toBe(plain);
    expect(await digest({}, { gc: "off" })).toBe(plain);
    expect(await digest(nasNamed({ env: "A" }), {})).toBe(await digest(nasNamed({ file: "b" }), {}));
    const changed = await Promise.all([
      digest({}, { select: { exclude: ["a"] } }),
      digest({}, { consistency: "skip-flush" }),
      digest({}, { gc: "require" }),
      digest({}, { targets: [{ storage: "nas", prefix: "x" }] }),
      digest({ sources: { prod: { address: "other:19530", storage: "data" } } }, {}),
      digest(nasNamed("x"), {}),
    ]);
    expect(new Set([plain, ...changed]).size).toBe(7);
  });
});

describe("emptyConfig()", () => {
  it("emptyConfig() has nothing but the default limits", () => {
    const config = emptyConfig({ cwd: "/somewhere", env: {}, storagePlugins });
    expect({ ...config, secrets: undefined, storagePlugins: undefined, originOf: undefined }).toEqual({
      path: undefined,
      directory: "/somewhere",
      env: {},
      hookPlugins: {},
      observers: [],
      plugins: [],
      sources: new Map(),
      storages: new Map(),
      policies: new Map(),
      groups: new Map(),
      identities: [],
      limits: { collections: 4, objects: 64, imports: 8 },
    });
  });
});
