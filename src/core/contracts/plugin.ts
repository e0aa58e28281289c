import type { z } from "zod";
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
