import { z } from "zod";
import type { StorageConfig } from "../../core/contracts/config.ts";
import type { Same } from "../../core/same.ts";
import { prefixSchema, textSchema as text } from "./words.ts";

/** All other keys are the plugin's, which has a schema of its own. */
const storage = z.looseObject({
  type: text,
  prefix: prefixSchema.optional(),
  readableByMilvus: z.union([z.boolean(), text]).optional(),
});
export const storageSchema: z.ZodType<StorageConfig, StorageConfig> = storage satisfies Same<
  typeof storage,
  StorageConfig,
  StorageConfig
>;
