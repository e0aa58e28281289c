import { z } from "zod";
import type { StorageLocation } from "../core/contracts/storage.ts";

/** A location as our own files hold it. */
export const storageLocation: z.ZodType<StorageLocation, StorageLocation> = z.object({
  type: z.string(),
  endpoint: z.string().optional(),
  region: z.string().optional(),
  bucket: z.string().optional(),
  path: z.string().optional(),
  prefix: z.string(),
  account: z.string().optional(),
});
