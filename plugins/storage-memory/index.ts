import { z } from "zod";
import { defineStorage } from "../../src/plugin.ts";
import type { StoragePlugin } from "../../src/plugin.ts";
import { openMemory } from "./memory.ts";

export interface MemoryOptions {
  /** Storages of one name keep the same objects, for as long as the process lives. Without it each keeps its own. */
  readonly name?: string | undefined;
}

const options: z.ZodType<MemoryOptions, MemoryOptions> = z.strictObject({
  name: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Storages of one name keep the same objects, for as long as the process lives. Without it each keeps its own.",
    ),
});

/** Keeps objects in this process: for tests and dry runs. */
export const memory: StoragePlugin = defineStorage({
  apiVersion: 1,
  name: "memory",
  options,
  open: async ({ name }) => openMemory(name),
});
