import { expect, it } from "vitest";
import { findSource } from "../../src/config/find.ts";
import { revealAuth } from "../../src/config/reveal-auth.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { docBlocks } from "../support/doc-blocks.ts";
import { startHttpServer } from "../support/http-server.ts";
import { builtinStorages } from "../../src/builtins.ts";

const examples = new Map(docBlocks("docs/policies.md").map(({ file = "", text }) => [file, text]));
const options = { storagePlugins: builtinStorages };

it("docs/policies.md has examples that load, and that inherit as it says", async () => {
  await using folder = await createConfigFolder(Object.fromEntries(examples));
  const { policies, sources } = await folder.load(options);
  expect(sources.get("prod")).toMatchObject({ address: "localhost:19530", management: "http://localhost:9091" });
  expect([...policies.values()].map((policy) => ({ ...policy, digest: undefined }))).toEqual([
    {
      name: "archive",
      source: "prod",
      targets: [{ storage: "nas", prefix: "archive" }],
      select: { include: ["*.*"], exclude: ["*.tmp_*", "*.cache_*"] },
      consistency: "skip-flush",
      gc: "prefer",
      limits: { collections: 4, objects: 8, imports: 8 },
      hooks: [],
      checks: [],
    },
    {
      name: "long",
      source: "prod",
      targets: [{ storage: "nas", prefix: "" }],
      select: { include: ["*.*"], exclude: ["*.tmp_*"] },
      consistency: "flush",
      gc: "require",
      limits: { collections: 4, objects: 64, imports: 8 },
      hooks: [],
      checks: [],
    },
    {
      name: "nightly",
      source: "prod",
      targets: [{ storage: "nas", prefix: "" }],
      select: { include: ["default.*", "shop.*"], exclude: ["*.tmp_*"] },
      consistency: "flush",
      gc: "prefer",
      limits: { collections: 4, objects: 64, imports: 8 },
      hooks: [],
      checks: [],
    },
    {
      name: "twice",
      source: "prod",
      targets: [
        { storage: "nas", prefix: "" },
        { storage: "offsite", prefix: "milvus" },
      ],
      select: { include: ["*.*"], exclude: ["*.tmp_*"] },
      consistency: "flush",
      gc: "prefer",
      limits: { collections: 4, objects: 64, imports: 8 },
      hooks: [],
      checks: [],
    },
  ]);
  const prod = await folder.load({ ...options, environment: "prod" });
  expect([...prod.policies.keys()]).toEqual(["hourly", "archive", "long", "nightly", "twice"]);
  expect(prod.storages.get("nas")?.options).toEqual({ path: "/mnt/prod/milvus" });
});

it("docs/policies.md has TypeScript that loads", async () => {
  await using folder = await createConfigFolder(Object.fromEntries(examples));
  const { policies } = await folder.load({ ...options, configPath: "typed/milvus-backup.config.ts" });
  expect([...policies.keys()]).toEqual(["nightly"]);
});

it("docs/policies.md has a plugin that gives a secret of Vault, and says why it cannot", async () => {
  await using vault = await startHttpServer(404, '{ "data": { "data": { "password": "from-vault" } } }');
  await using folder = await createConfigFolder(Object.fromEntries(examples));
  const env = { VAULT_ADDR: vault.url, VAULT_TOKEN: "a-token" };
  const config = await folder.load({ ...options, env, configPath: "vault/milvus-backup.config.yaml" });
  const reveal = () => revealAuth(config.secrets, findSource(config, "prod"));
  await expect(reveal()).rejects.toThrow(
    "Cannot get the secret sources.prod.auth.password: the secret provider vault failed: HTTP 404 for secret/data/milvus",
  );
  expect(await reveal()).toEqual({ username: "root", password: "from-vault" });
  expect(vault.requests.map(({ path, headers }) => [path, headers["x-vault-token"]])).toEqual([
    ["/v1/secret/data/milvus", "a-token"],
    ["/v1/secret/data/milvus", "a-token"],
  ]);
});
