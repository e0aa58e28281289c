import { describe, expect, it } from "vitest";
import { z } from "zod";
import { builtinStorages } from "../../src/builtins.ts";
import {
  configFileSchema,
  describeConfig,
  describePolicy,
  describeStorages,
  policyFileSchema,
} from "../../src/config/json-schema.ts";
import type { JsonSchema } from "../../src/config/json-schema-part.ts";
import { minimalConfig, minimalPolicy } from "../support/config-folder.ts";

const described = new Map([
  ["config", describeConfig()],
  ["policy", describePolicy()],
  ...(await describeStorages(builtinStorages)),
]);
const policyFile = policyFileSchema();
const configFile = await configFileSchema(builtinStorages);

/** Whether an editor that reads the schema finds nothing wrong; the library here knows no conditions. */
function accepts(schema: JsonSchema, data: unknown): boolean {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === "allOf" && JSON.stringify(value).includes('"if"') ? undefined : value,
  );
  return z.fromJSONSchema(JSON.parse(text)).safeParse(data).success;
}

/** The keys that nothing is said of. */
function findSilent(schema: JsonSchema, path = ""): readonly string[] {
  const { properties = {}, additionalProperties: values, items, anyOf = [] } = schema;
  const silent = Object.entries(properties).flatMap(([key, one]) => [
    ...(one.description === undefined ? [`${path}.${key}`] : []),
    ...findSilent(one, `${path}.${key}`),
  ]);
  const inner = [...anyOf, ...(items ? [items] : []), ...(typeof values === "object" ? [values] : [])];
  return [...silent, ...inner.flatMap((one) => findSilent(one, path))];
}

describe.each([...described])("the schema of %s", (_, schema) => {
  it("has a line on every key", () => {
    expect(findSilent(schema)).toEqual([]);
  });
});

describe("policyFileSchema()", () => {
  it.each([
    minimalPolicy,
    { $schema: "../policy.schema.json", "x-mine": 1 },
    { extends: ["./base.yaml"], select: null, consistency: "${HOW}", limits: { objects: null } },
  ])("policyFileSchema() accepts %j", (policy) => {
    expect(accepts(policyFile, policy)).toBe(true);
  });

  it.each([
    { sorce: "prod" },
    { source: 5 },
    { targets: [{ prefix: "x" }] },
    { targets: [{ storage: null }] },
    { consistency: "strong" },
    { limits: { objects: 0 } },
    { select: { inclde: [] } },
  ])("policyFileSchema() refuses %j", (policy) => {
    expect(accepts(policyFile, policy)).toBe(false);
  });
});

describe("configFileSchema()", () => {
  const storage = { type: "s3", bucket: "b", credentials: { accessKeyId: "k", secretAccessKey: { env: "S" } } };

  it.each([
    { ...minimalConfig, policies: { nightly: minimalPolicy }, defaults: { limits: { objects: 1 } } },
    { storages: { a: storage, b: { path: null }, c: { type: "of-a-plugin", anything: 1 } } },
    { sources: { prod: { address: "${A:-b:1}", auth: { username: null, token: { file: "x" } } }, old: null } },
    { sources: { prod: { auth: { token: { provider: "vault", path: "a", nested: [1] } } } } },
  ])("configFileSchema() accepts %j", (config) => {
    expect(accepts(configFile, config)).toBe(true);
  });

  it.each([
    { version: 2 },
    { storages: { "a/b": storage } },
    { sources: { prod: { auth: { token: "plain" } } } },
    { sources: { prod: { address: "user:password@host" } } },
    { policies: { nightly: { sorce: "prod" } } },
    { defaults: { limits: { objects: "many" } } },
    { polices: {} },
  ])("configFileSchema() refuses %j", (config) => {
    expect(accepts(configFile, config)).toBe(false);
  });

  it("configFileSchema() knows the options of each kind of storage, and a secret for every text in them", () => {
    const storages = configFile.properties?.["storages"]?.anyOf?.[0]?.additionalProperties;
    const places = typeof storages === "object" ? storages.anyOf?.[0]?.allOf : undefined;
    const local = places?.find(({ if: condition }) => JSON.stringify(condition).includes('"local"'))?.["then"];
    expect(local).toEqual({
      properties: {
        type: {},
        prefix: {},
        readableByMilvus: {},
        path: {
          description: "The directory that keys are relative to. It need not exist: the first write makes it.",
          anyOf: [{ type: "string", minLength: 1 }, { allOf: [{ $ref: "#/definitions/Secret" }] }, { type: "null" }],
        },
        durable: {
          description: "Wait until each write has reached the disk. False is for what can be made again.",
          default: true,
          anyOf: [{ type: "boolean" }, { type: "null" }],
        },
      },
      additionalProperties: false,
    });
  });
});
