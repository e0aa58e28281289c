import { z } from "zod";
import type { Limits, LimitsConfig } from "../../core/contracts/limits.ts";
import type { Same } from "../../core/same.ts";
import { countSchema as count } from "./words.ts";

const collections = count.describe("Collections at a time.");
const objects = count.describe("Objects in flight at a time.");
const imports = count.describe("Imports at a time.");

/** Those of a policy: what it does not say, the config does. */
const some = z.strictObject({
  collections: collections.optional(),
  objects: objects.optional(),
  imports: imports.optional(),
});
export const someLimitsSchema: z.ZodType<LimitsConfig, LimitsConfig> = some satisfies Same<
  typeof some,
  LimitsConfig,
  LimitsConfig
>;

/** Those of a config. */
const all = z.strictObject({
  collections: collections.default(4),
  objects: objects.default(64),
  imports: imports.default(8),
});
export const limitsSchema: z.ZodType<Limits, LimitsConfig> = all satisfies Same<typeof all, Limits, LimitsConfig>;
