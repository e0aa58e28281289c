import type { Limit } from "../io/limit.ts";
import type { CollectionMeta } from "../format/meta.ts";
import type { CollectionRef } from "../milvus/types.ts";
import type { RestoreCollectionStep } from "../core/plan.ts";
import type { MetaStore } from "./meta-store.ts";
import type { Patience } from "./patience.ts";
import type { Job } from "./places.ts";
import type { RestoreState } from "./restore-state.ts";

export interface RestoreChoices {
  /** same: as they were; auto: AUTOINDEX with the same metric; none. */
  readonly index: "same" | "auto" | "none";
  /** kept: of collections that keep their name; all: of renamed ones, too; none. */
  readonly aliases: "kept" | "all" | "none";
  /** Load what was loaded when the backup was made. */
  readonly load: boolean;
}

/** What the steps of a restore share. */
export interface RestoreJob extends Job {
  readonly backup: string;
  /** Made by this tool: there are lists of objects with their checksums. */
  readonly isOurs: boolean;
  readonly metas: MetaStore;
  readonly state: RestoreState;
  /** The protobuf schema.CollectionSchema of a collection, by decimal id, where the backup has it. */
  readonly rawSchemas: ReadonlyMap<string, Uint8Array>;
  readonly choices: RestoreChoices;
  readonly patience: Patience;
  /** Import tasks of all collections together. */
  readonly importLimit: Limit;
  /** How Milvus names the directory of the backup, when it can read it there. */
  readonly place: string | undefined;
  /** How Milvus names the root of its own storage: "" for a bucket. */
  readonly milvusRoot: string;
}

/** One collection on its way. */
export interface Restoring {
  readonly step: RestoreCollectionStep;
  readonly meta: CollectionMeta;
  /** Where its rows go: its own name, or one beside it until it replaces the old one. */
  readonly into: CollectionRef;
}

/** Below the root of Milvus's own storage; no dot, which Milvus 2.3 would take for a file type. */
export function tempPrefix(restoreId: string): string {
  return `restore_temp_${restoreId}`;
}
