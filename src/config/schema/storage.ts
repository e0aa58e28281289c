import { z } from "zod";
import type { StorageConfig } from "../../core/contracts/storage-settings.ts";
import type { Same } from "../../core/same.ts";
import { prefixSchema, textSchema as text } from "./words.ts";

/** All other keys are the plugin's, which has a schema of its own. */
const storage = z.looseObject({
  type: text.describe("The storage plugin, which decides the other options. A Secret may stand for any text in them."),
  prefix: prefixSchema.optional().describe("What stands before every key, without slashes at its ends."),
  readableByMilvus: z
    .union([z.boolean(), text])
    .optional()
    .describe("Milvus can read this storage where it is (true), or under this path, so that restores need no copy."),
});
export const storageSchema: z.ZodType<StorageConfig, StorageConfig> = storage satisfies Same<
  typeof storage,
  StorageConfig,
  StorageConfig
>;
