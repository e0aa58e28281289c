import type { CheckLevel } from "../check-level.ts";
import type { CollectionName } from "../collection-name.ts";
import type { BackupEvent } from "../events.ts";
import type { ConflictPolicy } from "../plan.ts";
import type { Consistency, GcMode } from "./policy.ts";

/** What every call of the library takes. */
export interface CallOptions {
  /** The config file, relative to cwd; else it is looked for upward from there. */
  readonly config?: string | undefined;
  /** The environment whose overlay is laid over the config: `prod` for milvus-backup.config.prod.*; MILVUS_BACKUP_ENV when absent. */
  readonly environment?: string | undefined;
  /** The process's own when absent. */
  readonly cwd?: string | undefined;
  /** For `${VAR}` in the config and for secrets; the process's own when absent. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Stops the call. What was begun is finished or undone, and the report says "interrupted". */
  readonly signal?: AbortSignal | undefined;
}

/** Of calls that do something. */
export interface RunOptions extends CallOptions {
  /** Do nothing, and give the plan of what would be done; false when absent. */
  readonly dryRun?: boolean | undefined;
  /** Told every event in order. What it throws does not touch the run: it is an uncaught exception of the process. */
  readonly onEvent?: ((event: BackupEvent) => void) | undefined;
}

/** Where Milvus is: needed where the config has several sources, or there is no config. */
export interface SourceChoice {
  /** A source of the config, or `host:port` with credentials from MILVUS_USERNAME and MILVUS_PASSWORD, or MILVUS_TOKEN. */
  readonly source?: string | undefined;
  /** Where that Milvus keeps its segments: a place like target; the source's own storage when absent. */
  readonly sourceStorage?: string | undefined;
}

export interface TargetChoice {
  /** A storage of the config, a path, or `s3://bucket/prefix?endpoint=…`; what the policies name when absent. */
  readonly target?: string | undefined;
}

export interface IdentityOptions {
  /** Files with age identities, relative to cwd, for an encrypted backup; MILVUS_BACKUP_IDENTITY besides. */
  readonly identities?: readonly string[] | undefined;
}

export interface RunPolicyOptions extends RunOptions {
  /** The policy's name: that of its file, without the ending. */
  readonly policy: string;
  /** A file of `plan --out`: the backup is taken as it was planned there, or "refused". */
  readonly plan?: string | undefined;
  /** true: go on with the backup that was interrupted, or "refused"; false: take a new one; absent: go on when it is safe and recent. */
  readonly resume?: boolean | undefined;
}

export interface CreateBackupOptions extends RunOptions, SourceChoice, TargetChoice {
  /** The backup's name; `backup_` and the time when absent. */
  readonly backup?: string | undefined;
  /** Globs on `database.collection`; everything when absent. */
  readonly include?: readonly string[] | undefined;
  /** An exclude wins over every include. */
  readonly exclude?: readonly string[] | undefined;
  /** flush when absent. */
  readonly consistency?: Consistency | undefined;
  /** Go on with the backup of this name that was interrupted, or "refused"; false when absent. */
  readonly resume?: boolean | undefined;
  /** Pausing Milvus's garbage collection; when absent, prefer where the source has management. */
  readonly gc?: GcMode | undefined;
  /** Public keys of age that the backup is encrypted to; not encrypted when absent. */
  readonly encryptTo?: readonly string[] | undefined;
}

export interface RestoreBackupOptions extends RunOptions, SourceChoice, TargetChoice, IdentityOptions {
  /** The backup's name. */
  readonly backup: string;
  /** Globs on the names in the backup; all of them when absent. */
  readonly collections?: readonly string[] | undefined;
  /** Put behind every name. */
  readonly suffix?: string | undefined;
  /** `c1:c2`, `db1.c1:db2.c2` or `db1.*:db2.*`. */
  readonly renames?: readonly string[] | undefined;
  /** For names that are taken; fail when absent. */
  readonly onConflict?: ConflictPolicy | undefined;
  /** same, when absent: as they were; auto: AUTOINDEX with the same metric; none. */
  readonly index?: IndexChoice | undefined;
  /** kept, when absent: of collections that keep their name; all: of renamed ones, too; none. */
  readonly aliases?: AliasChoice | undefined;
  /** Load what was loaded when the backup was made; false when absent. */
  readonly load?: boolean | undefined;
  /** Go on with the same restore that was interrupted, or "refused"; false when absent. */
  readonly resume?: boolean | undefined;
}

export type IndexChoice = "same" | "auto" | "none";
export type AliasChoice = "kept" | "all" | "none";

export interface CopyBackupOptions extends RunOptions, IdentityOptions {
  /** The backup's name. */
  readonly backup: string;
  /** Where it is brought: a storage of the config, a path, or `s3://bucket/prefix?endpoint=…`. */
  readonly to: string;
  /** Where it is read: a place like `to`; the first target of all policies that has it whole when absent. */
  readonly from?: string | undefined;
  /** Public keys of age that the copy is encrypted to; when absent, as the backup's policy says of that target, else as it is. */
  readonly encryptTo?: readonly string[] | undefined;
}

export interface RewrapBackupOptions extends CallOptions, TargetChoice, IdentityOptions {
  /** The backup's name. */
  readonly backup: string;
  /** Public keys of age: these can open it then, and nobody else. */
  readonly recipients: readonly string[];
}

export interface VerifyBackupOptions extends RunOptions, SourceChoice, TargetChoice, IdentityOptions {
  /** The backup's name. */
  readonly backup: string;
  /** How far to look; checksum when absent. */
  readonly level?: CheckLevel | undefined;
  /** Of checksum: `3/30` reads the third of 30 parts; all of it when absent. */
  readonly part?: string | undefined;
  /** Write what is missing or damaged anew, from another target or the source that still has it; false when absent. */
  readonly repair?: boolean | undefined;
  /** Of restore: what the name of the scratch database begins with; drill when absent. */
  readonly database?: string | undefined;
}

export interface ListBackupsOptions extends CallOptions, TargetChoice {}

export interface GetBackupOptions extends CallOptions, TargetChoice, IdentityOptions {
  /** The backup's name. */
  readonly backup: string;
  /** Count deleted and live rows, too, for which delete logs are read; false when absent. */
  readonly rows?: boolean | undefined;
}

export interface DeleteBackupOptions extends RunOptions, TargetChoice {
  /** The backup's name. */
  readonly backup: string;
}

export interface PruneBackupsOptions extends RunOptions {
  /** The policy whose retention decides, in each of its targets that has some. */
  readonly policy: string;
  /** How many may go of each target; what maxDelete says when absent. */
  readonly maxDelete?: number | undefined;
}

export interface CollectGarbageOptions extends RunOptions, SourceChoice {
  /** Targets, or policies, whose targets are meant; all that policies name when absent. */
  readonly targets?: readonly string[] | undefined;
  /** How long something must have been nobody's and unchanged, as "24h", which it is when absent. */
  readonly minAge?: string | undefined;
}

export interface UnpinBackupOptions extends CallOptions, TargetChoice {
  /** The backup's name. */
  readonly backup: string;
}

export interface PinBackupOptions extends UnpinBackupOptions {
  /** Why; lists and plans show it. */
  readonly reason?: string | undefined;
  /** A date, whose end it is in UTC, or a time; never when absent. */
  readonly until?: string | undefined;
}

export interface UnlockTargetOptions extends CallOptions, TargetChoice {
  /** The run whose locks are meant; all that are stale when absent. */
  readonly run?: string | undefined;
  /** Remove the locks of that run although it may be alive; false when absent. */
  readonly force?: boolean | undefined;
  /** Remove nothing, and tell what could be; false when absent. */
  readonly dryRun?: boolean | undefined;
}

/** A collection as a backup holds it. */
export interface CollectionSummary extends CollectionName {
  /** Rows written, the deleted ones included. */
  readonly rows: number;
  /** Of these; only when it was asked for. */
  readonly deleted?: number | undefined;
  /** What a restore brings back; only when it was asked for. */
  readonly live?: number | undefined;
  readonly partitions: number;
  /** How many it had where only these were taken; absent when they are all. */
  readonly partitionsAtSource?: number | undefined;
  readonly segments: number;
  readonly bytes: number;
  readonly indexes: readonly { readonly field: string; readonly type: string }[];
  readonly aliases: readonly string[];
}
