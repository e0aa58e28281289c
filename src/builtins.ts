import type { StoragePlugin } from "./plugin.ts";

/** How a config's `type: s3` finds its plugin; nothing is imported before it is asked for. */
export const builtinStorages: Readonly<Record<string, () => Promise<StoragePlugin>>> = {
  local: async () => (await import("../plugins/storage-local/index.ts")).local,
  memory: async () => (await import("../plugins/storage-memory/index.ts")).memory,
  s3: async () => (await import("../plugins/storage-s3/index.ts")).s3,
};
