import { z } from "zod";
import type { Config, Limits, PluginConfig, SourceConfig, StorageConfig } from "../../core/contracts/config.ts";
import type { Plugin } from "../../core/contracts/plugin.ts";
import { pluginSchema } from "./plugin.ts";
import { policySchema, type ParsedPolicy } from "./policy.ts";
import type { Same } from "./same.ts";
import { sourceSchema } from "./source.ts";
import { storageSchema } from "./storage.ts";
import { countSchema as count, nameSchema as name, textSchema as text } from "./words.ts";

/** A config with its defaults. */
export interface ParsedConfig {
  readonly version: 1;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly storages: Readonly<Record<string, StorageConfig>>;
  readonly policiesDir: string;
  readonly policies: Readonly<Record<string, ParsedPolicy>>;
  readonly limits: Limits;
  readonly plugins: readonly (string | Plugin | PluginConfig)[];
}

const config = z.strictObject({
  version: z.literal(1),
  sources: z.record(name, sourceSchema),
  storages: z.record(name, storageSchema),
  policiesDir: text.default("policies"),
  policies: z.record(name, policySchema).default({}),
  limits: z
    .strictObject({ collections: count.default(4), objects: count.default(64), imports: count.default(8) })
    .prefault({}),
  plugins: z.array(pluginSchema).default([]),
});
export const configSchema: z.ZodType<ParsedConfig, Config> = config satisfies Same<typeof config, ParsedConfig, Config>;
