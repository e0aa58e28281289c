import { z } from "zod";
import { type JsonSchema, toPart, withSecrets, withVariables } from "./json-schema-part.ts";
import { configSchema } from "./schema/config.ts";
import { policySchema } from "./schema/policy.ts";
import { storageSchema } from "./schema/storage.ts";
import type { StoragePlugins } from "./storage-options.ts";

/** What a policy is made of, and what it needs in all. */
export function describePolicy(): JsonSchema {
  return toJsonSchema(policySchema);
}

/** What a config is made of, but for its policies and the options of storage plugins. */
export function describeConfig(): JsonSchema {
  return toJsonSchema(configSchema);
}

/** The options of each storage plugin. */
export async function describeStorages(plugins: StoragePlugins): Promise<ReadonlyMap<string, JsonSchema>> {
  const schemas = new Map<string, JsonSchema>();
  for (const [name, load] of Object.entries(plugins)) schemas.set(name, toJsonSchema((await load()).options));
  return schemas;
}

/** For editors: what may stand in one policy file, or in one that policies extend. */
export function policyFileSchema(): JsonSchema {
  return toFileSchema("A policy of milvus-backup", describePolicy());
}

/** For editors: what may stand in one config file, in an overlay, or in one that configs extend. */
export async function configFileSchema(plugins: StoragePlugins): Promise<JsonSchema> {
  const config = describeConfig();
  const policy = describePolicy();
  const { storages, policies, defaults } = config.properties ?? {};
  const storage = { ...toJsonSchema(storageSchema), allOf: await describePlaces(plugins) };
  return toFileSchema("The config of milvus-backup", {
    ...config,
    properties: {
      ...config.properties,
      storages: { ...storages, additionalProperties: storage },
      policies: { ...policies, additionalProperties: policy },
      defaults: { ...policy, ...defaults },
    },
  });
}

function toFileSchema(title: string, whole: JsonSchema): JsonSchema {
  const { properties, ...schema } = toPart(withVariables(whole));
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title,
    ...schema,
    properties: { $schema: { type: "string", description: "This schema, for editors." }, ...properties },
    patternProperties: { "^x-": { description: "Your own, to hold YAML anchors." } },
  };
}

/** A condition for each plugin: a storage of this type has these options and no others. */
async function describePlaces(plugins: StoragePlugins): Promise<readonly JsonSchema[]> {
  const hosts = Object.keys(toJsonSchema(storageSchema).properties ?? {}).map((key) => [key, {}] as const);
  return Array.from(await describeStorages(plugins), ([name, schema]) => {
    const { properties } = toPart(withSecrets(withVariables(schema)));
    const options = { properties: { ...Object.fromEntries(hosts), ...properties }, additionalProperties: false };
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema, and nobody awaits it
    return { if: { properties: { type: { const: name } }, required: ["type"] }, then: options };
  });
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      const ways = jsonSchema.anyOf?.filter((way) => Object.keys(way).length > 0);
      if (ways !== undefined) jsonSchema.anyOf = ways; // a way that only programs have, as a plugin, is none for a text file
    },
  });
  return json as JsonSchema; // ours have no subschema that is only true or false
}
