import { describe, expect, it } from "vitest";
import { z } from "zod";
import { findSource, findStorage } from "../../src/config/find.ts";
import type { LoadedConfig } from "../../src/config/load-config.ts";
import { openStorage } from "../../src/config/open-storage.ts";
import { revealAuth } from "../../src/config/reveal-auth.ts";
import { BY_REFERENCE } from "../../src/config/schema/secret.ts";
import { createSecretStore } from "../../src/config/secrets.ts";
import { defineSecretProvider } from "../../src/plugin.ts";
import { createConfigFolder, minimalConfig, minimalPolicy } from "../support/config-folder.ts";
import type { ConfigFolder } from "../support/config-folder.ts";

const CANARY = "canary-4711";

/** A provider that gives what it was asked with; `times` in it is how often it was asked. */
const VAULT = `
import { z } from "zod";
import { defineSecretProvider } from "milvus-backup/plugin";

let times = 0;
const options = z.strictObject({ path: z.string(), field: z.enum(["user", "password"]).default("password"), token: z.string().min(4).optional() });
const reveal = async (given, { directory, env, signal }) => {
  times += 1;
  if (given.path === "closed") throw new Error("refused " + given.token, { cause: new Error("403") });
  if (given.path === "nothing") return "";
  if (given.path === "number") return 4711;
  return JSON.stringify({ ...given, directory, env, aborted: signal.aborted, times });
};
export default defineSecretProvider({ apiVersion: 1, name: "vault", options, reveal });
`;

interface Parts {
  readonly password?: unknown;
  readonly storage?: object;
  readonly config?: object;
}

async function openFolder(
  { password = { env: "PW" }, storage = {}, config }: Parts,
  files = {},
): Promise<ConfigFolder> {
  return createConfigFolder({
    "milvus-backup.config.json": {
      ...minimalConfig,
      sources: { prod: { ...minimalConfig.sources.prod, auth: { username: "root", password } } },
      storages: { ...minimalConfig.storages, mem: { type: "memory", ...storage } },
      plugins: ["./vault.ts"],
      ...config,
    },
    "vault.ts": VAULT,
    ...files,
  });
}

async function problemsOf(folder: ConfigFolder, env = {}): Promise<readonly string[]> {
  const problems = (await folder.loadError({ env })).facts["problems"] as readonly { path: string; message: string }[];
  return problems.map(({ path, message }) => `${path}: ${message}`);
}

const passwordOf = async (config: LoadedConfig, signal?: AbortSignal): Promise<unknown> => {
  const auth = await revealAuth(config.secrets, findSource(config, "prod"), { signal });
  return auth !== undefined && "password" in auth ? auth.password : auth;
};

describe("a secret of a provider", () => {
  it("is asked for once, with its options as the schema gives them out, and their secrets", async () => {
    const password = { provider: "vault", path: "milvus/${STAGE}", token: { env: "TOKEN" } };
    await using folder = await openFolder({ password });
    const env = { STAGE: "prod", TOKEN: CANARY };
    const config = await folder.load({ env });
    const given = await passwordOf(config);
    const { path: directory } = folder;
    expect(JSON.parse(String(given))).toEqual({
      path: "milvus/prod",
      field: "password",
      token: CANARY,
      directory,
      env,
      aborted: false,
      times: 1,
    });
    expect(await passwordOf(config)).toBe(given);
    expect(config.secrets.mask(`it is ${String(given)}, by ${CANARY}`)).toBe("it is ***, by ***");
  });

  it("may stand for any text in the options of storages, hooks and observers, and its own path stays as it is", async () => {
    const secret = { provider: "vault", path: "./a" };
    const hooks = [{ on: "before", command: ["true"], env: { PW: secret } }];
    const watch = `import { z } from "zod";\nimport { definePlugin } from "milvus-backup/plugin";\nexport default definePlugin({ apiVersion: 1, name: "watch", options: z.strictObject({ url: z.string() }), on: {} });`;
    await using folder = await openFolder(
      {
        storage: { name: secret },
        config: {
          plugins: ["./vault.ts", { use: "./watch.ts", options: { url: secret } }],
          policies: { nightly: { ...minimalPolicy, hooks } },
        },
      },
      { "watch.ts": watch },
    );
    const config = await folder.load();
    expect([
      findStorage(config, "mem").options,
      config.policies.get("nightly")?.hooks[0]?.before?.options,
      config.observers[0]?.options,
    ]).toEqual([{ name: secret }, { argv: ["true"], cwd: folder.path, env: { PW: secret } }, { url: secret }]);
    await using opened = await openStorage(config, findStorage(config, "mem"));
    expect(opened.location.type).toBe("memory");
  });

  it("is replaced as a whole where one is laid over another", async () => {
    const over = { sources: { prod: { auth: { password: { provider: "vault", path: "b" } } } } };
    await using folder = await openFolder(
      { password: { provider: "vault", path: "a", field: "user" } },
      { "milvus-backup.config.prod.json": over },
    );
    const config = await folder.load({ environment: "prod" });
    expect(findSource(config, "prod").auth).toEqual({ username: "root", ...over.sources.prod.auth });
  });
});

describe("references to providers that are wrong", () => {
  it("are told all at once, each with its place in the file that it stands in", async () => {
    const config = [
      "extends: ./base.yaml",
      "version: 1",
      "plugins: [./vault.ts]",
      "sources: { prod: { address: a, storage: data, auth: { token: { provider: vualt, path: x } } } }",
      "policies:",
      "  nightly:",
      "    source: prod",
      "    targets: [{ storage: nas }]",
      "    hooks: [{ on: before, command: [x], env: { A: { provider: vault, path: a, token: { provider: none } } } }]",
      "",
    ].join("\n");
    const base =
      "storages:\n  data:\n    type: memory\n    name: { provider: vault, pth: x }\n  nas: { type: memory }\n";
    await using folder = await createConfigFolder({
      "milvus-backup.config.yaml": config,
      "base.yaml": base,
      "milvus-backup.config.prod.yaml":
        "sources: { prod: { auth: { token: { provider: vault, path: 1, token: plain-text } } } }\n",
      "vault.ts": VAULT,
    });
    const places = async (environment?: string): Promise<readonly string[]> => {
      const { message } = await folder.loadError({ environment });
      return message.split("\n").filter((line) => /^\S+:\d/.test(line));
    };
    const inherited = [
      'base.yaml:4:30: unknown key "pth", did you mean "path"?',
      'base.yaml:4:11: missing key "path", expected text',
    ];
    const inHook = 'milvus-backup.config.yaml:9:98: there is no secret provider "none", there is vault';
    expect((await places()).toSorted()).toEqual(
      [
        'milvus-backup.config.yaml:4:74: there is no secret provider "vualt", did you mean "vault"?',
        inHook,
        ...inherited,
      ].toSorted(),
    );
    const prod = await places("prod");
    expect(prod.toSorted()).toEqual(
      [
        "milvus-backup.config.prod.yaml:1:60: expected text, got 1",
        `milvus-backup.config.prod.yaml:1:70: ${BY_REFERENCE}`,
        inHook,
        ...inherited,
      ].toSorted(),
    );
    expect(prod.join("")).not.toContain("plain-text");
  });

  it("are told where no plugin gives secrets, with the variable as it is written", async () => {
    const password = { provider: "${NAME}", path: "x" };
    await using folder = await openFolder({ password, config: { plugins: [] } });
    expect(await problemsOf(folder, { NAME: CANARY })).toEqual([
      'sources.prod.auth.password.provider: there is no secret provider "${NAME}": the config\'s plugins have none',
    ]);
  });

  it.each([
    [{ provider: 7 }, "sources.prod.auth.password.provider: expected text, got 7"],
    [{ provider: "" }, "sources.prod.auth.password.provider: expected text that is not empty"],
    [{ vault: "x" }, 'sources.prod.auth.password: a secret is only given by reference: { env: "NAME" }, '],
    [{ env: "A", path: "x" }, 'sources.prod.auth.password.path: unknown key "path"'],
  ])("%j is no reference", async (password, problem) => {
    await using folder = await openFolder({ password });
    expect((await problemsOf(folder)).join("\n")).toContain(problem);
  });

  it("are told when the options stand in plugins, or the name is taken", async () => {
    await using folder = await openFolder({
      config: { plugins: ["./vault.ts", { use: "./vault.ts", options: { path: "x" } }] },
    });
    expect(await problemsOf(folder)).toEqual(['plugins[1]: there is a secret-provider plugin "vault" already']);
    await using other = await openFolder({ config: { plugins: [{ use: "./vault.ts", options: { path: "x" } }] } });
    expect(await problemsOf(other)).toEqual([
      "plugins[0].options: the options of a secret-provider stand where it is used, beside provider in a secret",
    ]);
  });
});

describe("a secret that a provider does not give", () => {
  const hint = "see that what stands beside provider: vault is right, and that it can be reached from here";
  const cannot = "Cannot get the secret sources.prod.auth.password";

  it.each([
    [
      { path: "closed", token: { env: "TOKEN" } },
      `${cannot}: the secret provider vault failed: refused ***: 403`,
      hint,
    ],
    [{ path: "nothing" }, `${cannot}: the secret provider vault gave an empty secret`, hint],
    [{ path: "number" }, `${cannot}: the secret provider vault gave no text`, hint],
    [
      { path: "a", token: { env: "NONE" } },
      `${cannot}.token: the environment variable NONE is not set`,
      "set NONE, or name another place for it in the config",
    ],
    [
      { path: "a", token: { env: "SHORT" } },
      `${cannot}: the secret provider vault cannot use its options: token: too small: expected string to have >=4 characters`,
      undefined,
    ],
  ])("%j is an error that names the field, the provider and what to do", async (options, message, next) => {
    await using folder = await openFolder({ password: { provider: "vault", ...options } });
    const config = await folder.load({ env: { TOKEN: CANARY, SHORT: "abc" } });
    await expect(passwordOf(config)).rejects.toMatchObject({ code: "invalid", message, hint: next });
  });

  it("reveal() tells no secret when a provider's schema throws at one", async () => {
    const options = z.strictObject({ token: z.string() }).transform(({ token }) => {
      throw new Error(`no account ${token}`);
    });
    const broken = defineSecretProvider({ apiVersion: 1, name: "broken", options, reveal: async () => "never" });
    const store = createSecretStore({ directory: "/", env: { A: CANARY }, providers: new Map([["broken", broken]]) });
    const secret = { provider: "broken", token: { env: "A" } };
    await expect(store.reveal(secret, { path: ["a"] })).rejects.toMatchObject({
      code: "invalid",
      message:
        "Cannot get the secret a: the secret provider broken cannot use its options: the plugin cannot check its options: no account ***",
    });
  });

  it("reveal() says so when there is no such provider", async () => {
    const store = createSecretStore({ directory: "/", env: {} });
    await expect(store.reveal({ provider: "vault" }, { path: ["a"] })).rejects.toMatchObject({
      code: "invalid",
      message: "Cannot get the secret a: there is no secret provider vault",
      hint: "name its plugin in `plugins` of the config",
    });
  });

  it("reveal() ends with the signal's reason when the run is stopped, whatever the provider does then", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    const deaf = defineSecretProvider({
      apiVersion: 1,
      name: "deaf",
      options: z.strictObject({}),
      reveal: async () => {
        stop.abort(reason);
        return new Promise<never>(() => {});
      },
    });
    const store = createSecretStore({ directory: "/", env: {}, providers: new Map([["deaf", deaf]]) });
    await expect(store.reveal({ provider: "deaf" }, { path: [], signal: stop.signal })).rejects.toBe(reason);
  });
});
