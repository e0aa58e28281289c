import type { z } from "zod";
import type { HookPlugin } from "./hook-plugin.ts";
import type { ObserverPlugin } from "./observer.ts";
import type { SecretProviderPlugin } from "./secret-provider.ts";
import type { Call, Storage } from "./storage.ts";

/** A storage plugin as the host sees it: making one does nothing, the first I/O and the SDK's import happen in open. */
export interface StoragePlugin {
  readonly kind: "storage";
  readonly apiVersion: 1;
  /** What `type:` says in a config. */
  readonly name: string;
  /** Of the options without `type`, `prefix` and `readableByMilvus`, which are the host's. */
  readonly options: z.ZodType;
  /** Options are what the schema gave out. Opens at the root of the bucket or directory: prefixes are the host's. */
  open(options: unknown, call?: Call): Promise<Storage>;
}

/** What an author writes; Options is what the schema gives out. */
export interface StorageDefinition<Options> {
  readonly apiVersion: 1;
  readonly name: string;
  readonly options: z.ZodType<Options>;
  open(options: Options, call?: Call): Promise<Storage>;
}

/** What the define* functions make, and `plugins` of a config takes. */
export type Plugin = StoragePlugin | HookPlugin | ObserverPlugin | SecretProviderPlugin;

/** The API that plugins of this tool are written for. */
export const PLUGIN_API = 1;

const KINDS: ReadonlySet<unknown> = new Set([
  "storage",
  "hook",
  "observer",
  "secret-provider",
] satisfies readonly Plugin["kind"][]);

/** Whether this says of itself that it is a plugin, of whatever API: what define* of any copy of the package made. */
export function isPlugin(value: unknown): value is Plugin {
  if (typeof value !== "object" || value === null) return false;
  return "kind" in value && KINDS.has(value.kind) && "apiVersion" in value && "name" in value;
}
