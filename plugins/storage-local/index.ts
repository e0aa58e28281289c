import { resolve } from "node:path";
import { z } from "zod";
import { defineStorage } from "../../src/plugin.ts";
import type { StoragePlugin } from "../../src/plugin.ts";
import { openLocal } from "./local.ts";

export interface LocalOptions {
  /** The directory that keys are relative to. It need not exist: the first write makes it. */
  readonly path: string;
  /** Wait until each write has reached the disk. False is for what can be made again. When absent: true. */
  readonly durable?: boolean | undefined;
}

const options: z.ZodType<{ path: string; durable: boolean }, LocalOptions> = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe("The directory that keys are relative to. It need not exist: the first write makes it."),
  durable: z
    .boolean()
    .describe("Wait until each write has reached the disk. False is for what can be made again.")
    .default(true),
});

/** Keeps objects as files of a directory. */
export const local: StoragePlugin = defineStorage({
  apiVersion: 1,
  name: "local",
  options,
  open: ({ path, durable }) => openLocal(resolve(path), durable),
});
