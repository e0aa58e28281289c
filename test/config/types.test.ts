import { expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { defineConfig, definePolicy } from "../../src/index.ts";
import type { Config, ConfigPart, PolicyPart, Secret } from "../../src/index.ts";
import { defineSecretProvider } from "../../src/plugin.ts";
import type { Plugin, SecretCall, SecretProviderPlugin } from "../../src/plugin.ts";

const sources = { prod: { address: "localhost:19530", storage: "data" } } as const;
const storages = { data: { type: "local", path: "/data" }, nas: { type: "local", path: "/nas" } } as const;
const config = defineConfig({ version: 1, sources, storages });
const withDefaults = defineConfig({ version: 1, sources, storages, defaults: { targets: [{ storage: "nas" }] } });
const inheriting = defineConfig({ extends: "@company/backup", storages: { nas: { path: null } } });

it("defineConfig() gives the config back with its names in the type", () => {
  const given: Config<"prod", "data" | "nas"> = { version: 1, sources, storages };
  expect(defineConfig(given)).toBe(given);
  expectTypeOf(config).toEqualTypeOf<Config<"prod", "data" | "nas", never>>();
  expectTypeOf(withDefaults).toEqualTypeOf<Config<"prod", "data" | "nas", "targets">>();
  expectTypeOf(inheriting).toEqualTypeOf<ConfigPart>();
  expectTypeOf(config).toExtend<Config>();
});

it("defineConfig() does not compile with what does not belong there", () => {
  // @ts-expect-error: a later version
  defineConfig({ version: 2, sources, storages });
  // @ts-expect-error: no storages, and nothing that they could come from
  defineConfig({ version: 1, sources });
  // @ts-expect-error: an unknown key
  defineConfig({ version: 1, sources, storages, retention: [] });
  // @ts-expect-error: an unknown key of a source
  defineConfig({ version: 1, sources: { a: { adress: "x", address: "x", storage: "data" } }, storages });
  // @ts-expect-error: a storage that is not there
  defineConfig({ version: 1, sources: { a: { address: "x", storage: "dta" } }, storages });
  // @ts-expect-error: a secret in plain text
  defineConfig({ version: 1, sources: { a: { address: "x", storage: "data", auth: { token: "x" } } }, storages });
  // @ts-expect-error: a storage without its type
  defineConfig({ version: 1, sources: {}, storages: { a: { path: "/a" } } });
  // @ts-expect-error: a source of a policy that is not there
  defineConfig({ version: 1, sources, storages, policies: { a: { source: "prd", targets: [{ storage: "nas" }] } } });
  // @ts-expect-error: a storage of the defaults that is not there
  defineConfig({ version: 1, sources, storages, defaults: { targets: [{ storage: "nsa" }] } });
  // @ts-expect-error: an unknown key where the rest is inherited
  defineConfig({ extends: "./base.ts", polices: {} });
  expectTypeOf<ConfigPart>().not.toBeAny();
});

it("defineConfig() takes secrets by reference, with any options of a provider, and whole also where the rest is inherited", () => {
  const withToken = (token: Secret): ConfigPart => ({ sources: { prod: { auth: { token } } } });
  withToken({ provider: "vault", path: "milvus/prod", nested: { token: { env: "TOKEN" } } });
  // @ts-expect-error: a provider by a number
  withToken({ provider: 7 });
  // @ts-expect-error: no secret
  defineConfig({ extends: "./base.ts", sources: { prod: { auth: { token: { evn: "TOKEN" } } } } });
  expectTypeOf(withToken).returns.toEqualTypeOf<ConfigPart>();
});

it("defineSecretProvider() gives reveal() what the schema gives out", () => {
  const options = z.strictObject({ path: z.string(), field: z.string().default("password") });
  const vault = defineSecretProvider({
    apiVersion: 1,
    name: "vault",
    options,
    reveal: async (given, call) => {
      expectTypeOf(given).toEqualTypeOf<{ path: string; field: string }>();
      expectTypeOf(call).toEqualTypeOf<SecretCall>();
      return given.field;
    },
  });
  expect({ ...vault, reveal: undefined }).toEqual({ kind: "secret-provider", apiVersion: 1, name: "vault", options });
  expectTypeOf(vault).toEqualTypeOf<SecretProviderPlugin>();
  expectTypeOf(vault).toExtend<Plugin>();
});

it("defineSecretProvider() does not compile with what does not belong there", () => {
  const options = z.strictObject({ path: z.string() });
  const reveal = async (): Promise<string> => "";
  // @ts-expect-error: another API
  defineSecretProvider({ apiVersion: 2, name: "vault", options, reveal });
  // @ts-expect-error: no schema
  defineSecretProvider({ apiVersion: 1, name: "vault", reveal });
  // @ts-expect-error: no text
  defineSecretProvider({ apiVersion: 1, name: "vault", options, reveal: async () => 7 });
  // @ts-expect-error: an option that the schema does not give out
  defineSecretProvider({ apiVersion: 1, name: "vault", options, reveal: async ({ field }) => field });
});

it("definePolicy() gives the policy back, whole or not, where the config is not known", () => {
  const policy: PolicyPart = { source: "prod", targets: [{ storage: "nas" }] };
  expect(definePolicy(policy)).toBe(policy);
  definePolicy({ extends: ["./base.ts"], consistency: null, limits: { objects: null } });
  // @ts-expect-error: an unknown key
  definePolicy({ source: "prod", targets: [{ storage: "nas" }], retain: {} });
  // @ts-expect-error: an unknown key of a target
  definePolicy({ source: "prod", targets: [{ storage: "nas", retain: {} }] });
  // @ts-expect-error: an unknown consistency
  definePolicy({ source: "prod", consistency: "strong" });
  // @ts-expect-error: a list is replaced as a whole, so that null removes nothing from it
  definePolicy({ source: "prod", targets: [{ storage: null }] });
});

it("definePolicy() does not compile with names that the given config does not have", () => {
  definePolicy<typeof config>({ source: "prod", targets: [{ storage: "nas" }], select: { include: ["a"] } });
  // @ts-expect-error: a source that is not there
  definePolicy<typeof config>({ source: "prd", targets: [{ storage: "nas" }] });
  // @ts-expect-error: a storage that is not there
  definePolicy<typeof config>({ source: "prod", targets: [{ storage: "nsa" }] });
  // @ts-expect-error: a storage that is not there, where the rest is inherited
  definePolicy<typeof config>({ extends: "./base.ts", targets: [{ storage: "nsa" }] });
  // @ts-expect-error: an unknown key
  definePolicy<typeof config>({ source: "prod", targets: [{ storage: "nas" }], retain: {} });
  expectTypeOf(definePolicy<typeof inheriting>)
    .parameter(0)
    .toEqualTypeOf<PolicyPart>();
});

it("definePolicy() wants what the given config has no defaults for, unless the policy extends something", () => {
  // @ts-expect-error: no targets
  definePolicy<typeof config>({ source: "prod" });
  definePolicy<typeof config>({ extends: "./base.ts", limits: { objects: 1 } });
  definePolicy<typeof withDefaults>({ source: "prod" });
  // @ts-expect-error: no source
  definePolicy<typeof withDefaults>({ limits: { objects: 1 } });
});
