import { z } from "zod";
import type { Config, PluginConfig, PolicyPart } from "../../core/contracts/config.ts";
import type { Limits } from "../../core/contracts/limits.ts";
import type { SourceConfig } from "../../core/contracts/source.ts";
import type { StorageConfig } from "../../core/contracts/storage-settings.ts";
import type { Secret } from "../../core/contracts/secret.ts";
import type { Plugin } from "../../core/contracts/plugin.ts";
import type { Same } from "../../core/same.ts";
import { extendsSchema } from "./extends.ts";
import { pluginSchema } from "./plugin.ts";
import { secretSchema } from "./secret.ts";
import { sourceSchema } from "./source.ts";
import { storageSchema } from "./storage.ts";
import { limitsSchema } from "./limits.ts";
import { nameSchema as name, textSchema as text } from "./words.ts";

/** A config with its defaults. */
export interface ParsedConfig extends Pick<Config, "extends" | "policies" | "defaults"> {
  readonly version: 1;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly storages: Readonly<Record<string, StorageConfig>>;
  readonly policiesDir: string;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly limits: Limits;
  readonly identities: readonly (string | Secret)[];
  readonly plugins: readonly (string | Plugin | PluginConfig)[];
}

/** What policies are checked for when they are put together: a part of one proves nothing. */
const anyPolicy = z.custom<PolicyPart>();

const config = z.strictObject({
  extends: extendsSchema.optional(),
  version: z.literal(1).describe("The version of this format."),
  sources: z.record(name, sourceSchema).describe("Each Milvus, by a name for policies to use."),
  storages: z.record(name, storageSchema).describe("Places for objects, by a name for sources and policies to use."),
  policiesDir: text.describe("The folder of policy files, relative to the config's.").default("policies"),
  policies: z.record(name, anyPolicy).optional().describe("Policies by name, beside those of the folder."),
  groups: z
    .record(name, z.array(text).min(1, "expected the names of policies"))
    .describe("Names for several policies, which run --group takes in this order.")
    .default({}),
  defaults: anyPolicy.optional().describe("What every policy inherits, below all that it extends."),
  limits: limitsSchema.describe("For every policy that does not say otherwise.").prefault({}),
  identities: z
    .array(z.union([text, secretSchema]))
    .describe("What opens encrypted backups: files with age identities, or Secrets; read when one is looked into.")
    .default([]),
  plugins: z
    .array(pluginSchema)
    .describe("Storages, hooks, observers and secret providers besides the tool's own; a plugin or its name alone is one without options.")
    .default([]),
});
export const configSchema: z.ZodType<ParsedConfig, Config> = config satisfies Same<typeof config, ParsedConfig, Config>;
