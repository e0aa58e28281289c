import { describe, expect, it } from "vitest";
import { builtinHooks, builtinObservers, builtinStorages } from "../../src/builtins.ts";
import { configSchema } from "../../src/config/schema/config.ts";
import { policySchema } from "../../src/config/schema/policy.ts";
import { findKeys } from "../../src/config/schema-keys.ts";
import { createConfigFolder, type ConfigFolder } from "../support/config-folder.ts";
import { runCommand } from "../support/run-command.ts";

const builtins = {
  storagePlugins: builtinStorages,
  hookPlugins: builtinHooks,
  observerPlugins: builtinObservers,
};
const CANARY = "canary-4711";

const FILES = {
  "milvus-backup.config.yaml": [
    "version: 1",
    "sources:",
    "  prod:",
    '    address: "${HOST}:19530"',
    "    auth: { username: root, password: { env: PW } }",
    "    tls: { ca: ./ca.pem }",
    "    storage: data",
    "storages:",
    "  data: { type: local, path: /data }",
    `  mem: { type: memory, name: "http://user:${CANARY}@x:9000/?api_key=${CANARY}&x=1" }`,
    '  nas: { type: s3, bucket: b, endpoint: "http://nas:9000" }',
    "defaults: { source: prod }",
    "groups: { all: [nightly] }",
    "limits: { objects: 8 }",
    "identities: [key.txt, { env: AGE_KEY }]",
    "plugins: [{ use: metrics-textfile, options: { path: ./m.prom } }]",
    "",
  ].join("\n"),
  "milvus-backup.config.prod.json": '{ "storages": { "nas": { "prefix": "p" } } }',
  "policies/nightly.ts":
    "export default { extends: '../base.yaml', targets: [{ storage: 'nas' }], limits: { imports: 2 }, schedule: { cron: '0 2 * * *' }, encryption: { recipients: ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'] } };",
  "base.yaml": [
    "select: { include: [a, b.c] }",
    "hooks:",
    "  - { around: run, before: { command: [./pause.sh], cwd: /srv }, after: { shell: ./go.sh, cwd: /srv }, timeout: 2m }",
    `  - { on: finally, states: [failed], http: { url: 'https://user:${CANARY}@x/' }, name: page }`,
    "  - { around: source, use: notify, options: { format: ntfy, url: { env: NTFY } } }",
    "",
  ].join("\n"),
};

/** What the command prints there, the folder's own path left out. */
async function show(folder: ConfigFolder, ...args: readonly string[]): Promise<string> {
  const place = { cwd: folder.path, env: { HOST: "milvus", PW: CANARY } };
  const { status, stdout, stderr } = await runCommand(place, "config show", ...args);
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.replaceAll(folder.path, "FOLDER");
}

describe("milvus-backup config show", () => {
  it("config show --origin prints each value with its place, secrets as references, and no password of a URL", async () => {
    await using folder = await createConfigFolder(FILES);
    expect((await show(folder, "--env", "prod", "--origin")).split("\n")).toEqual([
      "version: 1 # milvus-backup.config.yaml:1:10",
      "sources:",
      "  prod:",
      "    address: milvus:19530 # milvus-backup.config.yaml:4:14",
      "    auth:",
      "      username: root # milvus-backup.config.yaml:5:23",
      "      password: { env: PW } # milvus-backup.config.yaml:5:39",
      "    tls:",
      "      ca: FOLDER/ca.pem # milvus-backup.config.yaml:6:16",
      "    storage: data # milvus-backup.config.yaml:7:14",
      "storages:",
      "  data:",
      "    type: local # milvus-backup.config.yaml:9:17",
      '    prefix: "" # default',
      "    readableByMilvus: false # default",
      "    path: /data # milvus-backup.config.yaml:9:30",
      "  mem:",
      "    name: http://***:***@x:9000/?api_key=***&x=1 # milvus-backup.config.yaml:10:30",
      "    type: memory # milvus-backup.config.yaml:10:16",
      '    prefix: "" # default',
      "    readableByMilvus: false # default",
      "  nas:",
      "    type: s3 # milvus-backup.config.yaml:11:16",
      "    prefix: p # milvus-backup.config.prod.json:1:36",
      "    readableByMilvus: false # default",
      "    bucket: b # milvus-backup.config.yaml:11:28",
      "    endpoint: http://nas:9000 # milvus-backup.config.yaml:11:41",
      "plugins:",
      "  - use: metrics-textfile # milvus-backup.config.yaml:16:18",
      "    options:",
      "      path: FOLDER/m.prom # milvus-backup.config.yaml:16:53",
      "policies:",
      "  nightly:",
      "    source: prod # milvus-backup.config.yaml:12:21",
      "    targets:",
      "      - storage: nas # policies/nightly.ts: targets[0].storage",
      '        prefix: "" # default',
      "    select:",
      "      include:",
      "        - a # base.yaml:1:21",
      "        - b.c # base.yaml:1:24",
      "      exclude: [] # default",
      "    consistency: flush # default",
      "    gc: off # default",
      "    encryption:",
      "      recipients:",
      "        - age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p # policies/nightly.ts: encryption.recipients[0]",
      "    schedule:",
      "      cron: 0 2 * * * # policies/nightly.ts: schedule.cron",
      "      timezone: UTC # default",
      "      jitter: 0s # default",
      "      overlap: skip # default",
      "      grace: 1h # default",
      "    limits:",
      "      collections: 4 # default",
      "      objects: 8 # milvus-backup.config.yaml:14:20",
      "      imports: 2 # policies/nightly.ts: limits.imports",
      "    hooks:",
      "      - name: around-run-1 # default",
      "        around: run # base.yaml:3:15",
      "        before:",
      "          command:",
      "            - ./pause.sh # base.yaml:3:40",
      "          cwd: /srv # base.yaml:3:58",
      "        after:",
      "          cwd: /srv # base.yaml:3:96",
      "          shell: ./go.sh # base.yaml:3:82",
      "        timeout: 2m # base.yaml:3:113",
      "        retries: 0 # default",
      "        retryDelay: 1s # default",
      "        onError: fail # default",
      "      - name: page # base.yaml:4:90",
      "        on: finally # base.yaml:4:11",
      "        scope: run # default",
      "        http:",
      "          url: https://***:***@x/ # base.yaml:4:51",
      "        states:",
      "          - failed # base.yaml:4:29",
      "        timeout: 5m # default",
      "        retries: 0 # default",
      "        retryDelay: 1s # default",
      "      - name: around-source-3 # default",
      "        around: source # base.yaml:5:15",
      "        use: notify # base.yaml:5:28",
      "        options:",
      "          format: ntfy # base.yaml:5:55",
      "          url: { env: NTFY } # base.yaml:5:66",
      "        timeout: 5m # default",
      "        retries: 0 # default",
      "        retryDelay: 1s # default",
      "        onError: fail # default",
      "    checks: [] # default",
      "groups:",
      "  all:",
      "    - nightly # milvus-backup.config.yaml:13:17",
      "limits:",
      "  collections: 4 # default",
      "  objects: 8 # milvus-backup.config.yaml:14:20",
      "  imports: 8 # default",
      "identities:",
      "  - { file: key.txt } # milvus-backup.config.yaml:15:14",
      "  - { env: AGE_KEY } # milvus-backup.config.yaml:15:23",
    ]);
  });

  it("config show prints a config that is the same when it is loaded", async () => {
    const yaml = FILES["milvus-backup.config.yaml"].replace(/ {2}mem: .*\n/, "");
    const base = FILES["base.yaml"].replace(`user:${CANARY}@`, "");
    await using folder = await createConfigFolder({ ...FILES, "milvus-backup.config.yaml": yaml, "base.yaml": base });
    const load = async (from: ConfigFolder) => {
      const env = { HOST: "milvus" };
      const { sources, storages, policies, groups, limits, plugins } = await from.load({ env, ...builtins });
      return { sources, storages, policies, groups, limits, plugins };
    };
    const shown = (await show(folder)).replaceAll("FOLDER", folder.path);
    await using again = await createConfigFolder({ "milvus-backup.config.yaml": shown });
    expect(await load(again)).toEqual(await load(folder));
  });

  it("config show --json gives the config, and with --origin the file, path, line and column of what is written", async () => {
    await using folder = await createConfigFolder(FILES);
    const { config, origins } = JSON.parse(await show(folder, "--json", "--origin")) as {
      readonly config: { readonly sources: object };
      readonly origins: Readonly<Record<string, unknown>>;
    };
    expect(config.sources).toEqual({
      prod: {
        address: "milvus:19530",
        auth: { username: "root", password: { env: "PW" } },
        tls: { ca: "FOLDER/ca.pem" },
        storage: "data",
      },
    });
    const file = "FOLDER/milvus-backup.config.yaml";
    expect(origins["sources.prod.auth.password"]).toEqual({
      file,
      path: "sources.prod.auth.password",
      line: 5,
      column: 39,
    });
    expect(origins["policies.nightly.source"]).toEqual({ file, path: "defaults.source", line: 12, column: 21 });
    expect(origins["policies.nightly.targets[0].storage"]).toEqual({
      file: "FOLDER/policies/nightly.ts",
      path: "targets[0].storage",
    });
    expect(origins).not.toHaveProperty(["limits.imports"]);
    expect(JSON.parse(await show(folder, "--json"))).toEqual({ config });
  });

  it("config show leaves out no key that a config or a policy can have", async () => {
    await using folder = await createConfigFolder(FILES);
    const { config } = JSON.parse(await show(folder, "--json")) as {
      readonly config: { readonly policies: { readonly nightly: object } };
    };
    const merged = new Set(["extends", "defaults", "policiesDir", "retention"]); // what they do is done, as in the targets
    const keysOf = (...args: Parameters<typeof findKeys>) => findKeys(...args).filter((key) => !merged.has(key));
    expect(Object.keys(config).toSorted()).toEqual(keysOf(configSchema, []).toSorted());
    expect(Object.keys(config.policies.nightly).toSorted()).toEqual(keysOf(policySchema, []).toSorted());
  });

  it("config show shows a provider's secret as its reference, with no password of a URL in it", async () => {
    const address = `https://user:${CANARY}@vault:8200`;
    await using folder = await createConfigFolder({
      "milvus-backup.config.yaml": [
        "version: 1",
        "plugins: [./vault.mjs]",
        "sources:",
        `  prod: { address: a, storage: mem, auth: { token: { provider: vault, path: ./a, address: "${address}" } } }`,
        "storages: { mem: { type: memory } }",
        "",
      ].join("\n"),
      "vault.mjs": [
        'import { z } from "zod";',
        'import { defineSecretProvider } from "milvus-backup/plugin";',
        "const options = z.looseObject({});",
        'export default defineSecretProvider({ apiVersion: 1, name: "vault", options, reveal: async () => "" });',
      ].join("\n"),
    });
    const shown = (await show(folder, "--origin")).split("\n");
    expect(shown.filter((line) => /vault/.test(line))).toEqual([
      "      token: { provider: vault, path: ./a, address: https://***:***@vault:8200/ } # milvus-backup.config.yaml:4:52",
      "  - FOLDER/vault.mjs # milvus-backup.config.yaml:2:11",
    ]);
  });
});
