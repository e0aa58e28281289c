import type { StoragePlugin } from "../plugin.ts";

/** How `type: s3` finds its plugin; nothing is imported before it is asked for. */
export type StoragePlugins = Readonly<Record<string, () => Promise<StoragePlugin>>>;

export async function findPlugin(plugins: StoragePlugins, type: string): Promise<StoragePlugin | undefined> {
  return Object.hasOwn(plugins, type) ? plugins[type]?.() : undefined;
}

/** The keys of a storage that are the host's; all others are the plugin's. */
const HOST_KEYS: ReadonlySet<string> = new Set(["type", "prefix", "readableByMilvus"]);

export function pluginOptions(storage: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(storage).filter(([key]) => !HOST_KEYS.has(key)));
}
