import type { HookPlugin, ObserverPlugin, StoragePlugin } from "./plugin.ts";

/** How a config's `type: s3` finds its plugin; nothing is imported before it is asked for. */
export const builtinStorages: Readonly<Record<string, () => Promise<StoragePlugin>>> = {
  local: async () => (await import("../plugins/storage-local/index.ts")).local,
  memory: async () => (await import("../plugins/storage-memory/index.ts")).memory,
  s3: async () => (await import("../plugins/storage-s3/index.ts")).s3,
};

/** How `use: notify` of a policy's hook finds its plugin; `command:` and `http:` are short for the first two. */
export const builtinHooks: Readonly<Record<string, () => Promise<HookPlugin>>> = {
  command: async () => (await import("../plugins/hook-command/index.ts")).command,
  http: async () => (await import("../plugins/hook-http/index.ts")).http,
  notify: async () => (await import("../plugins/notify/index.ts")).notify,
};

/** What `plugins` of a config may name beside files and packages. */
export const builtinObservers: Readonly<Record<string, () => Promise<ObserverPlugin>>> = {
  "metrics-textfile": async () => (await import("../plugins/metrics-textfile/index.ts")).metricsTextfile,
};
