import { expect, expectTypeOf, it } from "vitest";
import { defineConfig, definePolicy } from "../../src/index.ts";
import type { Config, PolicyConfig } from "../../src/index.ts";
import { minimalConfig, minimalPolicy } from "../support/config-folder.ts";

const { sources, storages } = minimalConfig;

it("defineConfig() gives the config back, and the compiler finds what does not belong there", () => {
  const config: Config = { version: 1, sources, storages };
  expect(defineConfig(config)).toBe(config);
  expectTypeOf(defineConfig).parameter(0).toEqualTypeOf<Config>();
  // @ts-expect-error: a later version
  defineConfig({ version: 2, sources, storages });
  // @ts-expect-error: no storages
  defineConfig({ version: 1, sources });
  // @ts-expect-error: an unknown key
  defineConfig({ version: 1, sources, storages, pluggins: [] });
  // @ts-expect-error: an unknown key of a source
  defineConfig({ version: 1, sources: { a: { adress: "x", address: "x", storage: "data" } }, storages });
  // @ts-expect-error: a secret in plain text
  defineConfig({ version: 1, sources: { a: { address: "x", storage: "data", auth: { token: "x" } } }, storages });
  // @ts-expect-error: a storage without its type
  defineConfig({ version: 1, sources, storages: { a: { path: "/a" } } });
});

it("definePolicy() gives the policy back, and the compiler finds what does not belong there", () => {
  expect(definePolicy(minimalPolicy)).toBe(minimalPolicy);
  expectTypeOf(definePolicy).parameter(0).toEqualTypeOf<PolicyConfig>();
  // @ts-expect-error: no targets
  definePolicy({ source: "prod" });
  // @ts-expect-error: an unknown key
  definePolicy({ ...minimalPolicy, retention: {} });
  // @ts-expect-error: an unknown key of a target
  definePolicy({ source: "prod", targets: [{ storage: "nas", retention: {} }] });
  // @ts-expect-error: an unknown consistency
  definePolicy({ ...minimalPolicy, consistency: "strong" });
});
