import { describe, expect, it } from "vitest";
import { findSecrets, isSecret, isSecretAt, replaceSecrets } from "../../src/config/find-secrets.ts";
import { createConfigFolder, minimalConfig, minimalPolicy } from "../support/config-folder.ts";

const VAULT = { provider: "vault", path: "a", token: { env: "TOKEN" } };

describe("isSecret()", () => {
  it.each([{ env: "A" }, { file: "a" }, { command: ["a"] }, { credential: "a" }, { dockerSecret: "a" }, VAULT])(
    "isSecret() knows %j",
    (value) => expect(isSecret(value)).toBe(true),
  );

  it.each([{ env: "A", other: 1 }, { provider: 1 }, { provider: "" }, ["provider"], "env", null, {}])(
    "isSecret() does not take %j for one",
    (value) => expect(isSecret(value)).toBe(false),
  );
});

describe("findSecrets()", () => {
  it("findSecrets() gives secrets with their paths, and not those within one", () => {
    expect(findSecrets({ a: { b: [VAULT] }, c: { env: "C" }, env: "D" })).toEqual([
      { path: ["a", "b", 0], secret: VAULT },
      { path: ["c"], secret: { env: "C" } },
    ]);
  });

  it.each([{ provider: "minio", bucket: "b" }, { file: "./list" }])(
    "findSecrets() takes the options %j for options",
    (options) => {
      expect([findSecrets(options), replaceSecrets(options, () => "secret")]).toEqual([[], options]);
    },
  );
});

describe("isSecretAt()", () => {
  it.each([
    ["sources.prod.auth.token", true],
    ["sources.prod.auth", false],
    ["storages.nas", false],
    ["storages.nas.a.b", true],
    ["plugins.0.options", false],
    ["plugins.0.options.url", true],
    ["policies.nightly.hooks.0", false],
    ["policies.nightly.hooks.0.options.url", true],
    ["policies.nightly.hooks.0.before", false],
    ["policies.nightly.hooks.0.before.env.A", true],
    ["policies.nightly.select.where.properties", false],
  ])("isSecretAt() says of %s: %s", (path, expected) => {
    expect(isSecretAt(path.split("."), VAULT)).toBe(expected);
  });
});

describe("what has the shape of a secret and is none", () => {
  const digestOf = async (config: object, policy: object): Promise<string | undefined> => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": {
        ...minimalConfig,
        ...config,
        policies: { nightly: { ...minimalPolicy, ...policy } },
      },
    });
    return (await folder.load()).policies.get("nightly")?.digest;
  };

  it("a collection's property called env is merged with others, and changes the digest", async () => {
    const where = (properties: object): object => ({ select: { where: { properties } } });
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": { ...minimalConfig, defaults: where({ env: "prod" }) },
      "policies/nightly.json": { ...minimalPolicy, ...where({ team: "search" }) },
    });
    expect((await folder.load()).policies.get("nightly")?.select.where).toEqual({
      properties: { env: "prod", team: "search" },
    });
    expect(await digestOf({}, where({ env: "prod" }))).not.toBe(await digestOf({}, where({ env: "test" })));
  });

  it("only the secrets of a hook are left out of the digest, not all of its options", async () => {
    const hooks = (options: object): object => ({ hooks: [{ on: "before", http: { url: "http://a/", ...options } }] });
    const [a, b, c] = await Promise.all([
      digestOf({}, hooks({ body: { env: "A" } })),
      digestOf({}, hooks({ body: { env: "B" } })),
      digestOf({}, hooks({ body: "text" })),
    ]);
    expect([a === b, a === c]).toEqual([true, false]);
  });
});
