import { z } from "zod";
import type { Config, Limits, SourceConfig, StorageConfig } from "../../core/contracts/config.ts";
import { policySchema, type ParsedPolicy } from "./policy.ts";
import type { Same } from "../../core/same.ts";
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
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly limits: Limits;
}

const config = z.strictObject({
  version: z.literal(1),
  sources: z.record(name, sourceSchema),
  storages: z.record(name, storageSchema),
  policiesDir: text.default("policies"),
  policies: z.record(name, policySchema).default({}),
  groups: z.record(name, z.array(text).min(1, "expected the names of policies")).default({}),
  limits: z
    .strictObject({ collections: count.default(4), objects: count.default(64), imports: count.default(8) })
    .prefault({}),
});
export const configSchema: z.ZodType<ParsedConfig, Config> = config satisfies Same<typeof config, ParsedConfig, Config>;
