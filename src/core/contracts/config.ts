/**
 * What people write in a config and in policy files, and what the tool makes of it. What a key means is said by its schema
 * in src/config/schema; `npm run docs` writes it here.
 */
import type { CheckLevel } from "../check-level.ts";
import type { Hook, HookConfig } from "./hooks.ts";
import type { Plugin } from "./plugin.ts";

/** Where a secret is: an environment variable, a file, what a command prints, what systemd or Docker hands in, what a plugin gives. Never the secret itself. */
export type Secret =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly string[] }
  | { readonly credential: string }
  | { readonly dockerSecret: string }
  | ProvidedSecret;

/** A secret that a provider of `plugins` gives; all keys but `provider` are its options. */
export interface ProvidedSecret {
  readonly provider: string;
  readonly [option: string]: unknown;
}

export type Auth = { readonly username: string; readonly password: Secret } | { readonly token: Secret };

export interface TlsConfig {
  /** A PEM file with the authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
  /** The PEM file of the client's certificate, for mutual TLS; with `key`. */
  readonly cert?: string | undefined;
  /** The PEM file of the client's key; with `cert`. */
  readonly key?: string | undefined;
  /** The name that the server's certificate bears, where it is not the address's. */
  readonly serverName?: string | undefined;
  /** Accept any certificate. */
  readonly skipVerify?: boolean | undefined;
}

export interface SourceConfig<StorageName extends string = string> {
  /** `host:port`, or a URL with http or https. */
  readonly address: string;
  /** How to log in. */
  readonly auth?: Auth | undefined;
  /** TLS is on when this is there, even empty. Paths are relative to the config's folder. */
  readonly tls?: TlsConfig | undefined;
  /** The storage where this Milvus keeps its segments. */
  readonly storage: StorageName;
  /** Where Milvus serves its metrics, `http://host:9091`, or that with an `auth`: for pauses of its garbage collection. */
  readonly management?: string | ManagementConfig | undefined;
}

/** Milvus's HTTP port for operators. */
export interface ManagementConfig {
  /** `http://host:9091`. */
  readonly url: string;
  /** How to log in where Milvus asks for it: the user root. */
  readonly auth?: Auth | undefined;
}

export interface StorageConfig {
  /** The storage plugin, which decides the other options. A Secret may stand for any text in them. */
  readonly type: string;
  /** What stands before every key, without slashes at its ends. */
  readonly prefix?: string | undefined;
  /** Milvus can read this storage where it is (true), or under this path, so that restores need no copy. */
  readonly readableByMilvus?: boolean | string | undefined;
  /** The plugin's own options; a Secret may stand for any string, and `path` or what starts with `./` is relative to the config's folder. */
  readonly [option: string]: unknown;
}

export interface LimitsConfig {
  /** Collections at a time. */
  readonly collections?: number | undefined;
  /** Objects in flight at a time. */
  readonly objects?: number | undefined;
  /** Imports at a time. */
  readonly imports?: number | undefined;
}

export interface TargetConfig<StorageName extends string = string> {
  /** The storage that the backups are written to. */
  readonly storage: StorageName;
  /** Below the storage's own prefix. */
  readonly prefix?: string | undefined;
  /** Of this target, in place of the policy's. */
  readonly retention?: RetentionConfig | undefined;
  /** Of this target, in place of the policy's; false for none. Copies never decrypt: such a target stands first. */
  readonly encryption?: EncryptionConfig | false | undefined;
}

/** A backup that any of these rules wants stays. */
export interface KeepConfig {
  /** The newest so many. */
  readonly last?: number | undefined;
  /** The newest of so many hours that have one. */
  readonly hourly?: number | undefined;
  /** The newest of so many days that have one. */
  readonly daily?: number | undefined;
  /** The newest of so many ISO weeks that have one. */
  readonly weekly?: number | undefined;
  /** The newest of so many months that have one. */
  readonly monthly?: number | undefined;
  /** The newest of so many years that have one. */
  readonly yearly?: number | undefined;
  /** All that are no older than this when the newest was made: `14d`. */
  readonly within?: string | undefined;
}

export interface RetentionConfig {
  /** A backup that any of these rules wants stays. */
  readonly keep: KeepConfig;
  /** Where days, weeks, months and years begin: an IANA name; UTC when absent. */
  readonly timezone?: string | undefined;
  /** The newest so many complete backups always stay; 1 when absent. */
  readonly minKeep?: number | undefined;
  /** More than this at once is refused unless confirmed; when absent 20% or 3, whichever is more. */
  readonly maxDelete?: number | string | undefined;
  /** How long failed and partial backups stay for a look; 1d when absent. */
  readonly failedGrace?: string | undefined;
  /** Storages of other targets of this policy: what one of them does not have yet stays. */
  readonly keepUntilCopied?: readonly string[] | undefined;
  /** The newest so many that a checksum or more has proven stay; 1 when absent. */
  readonly keepVerified?: number | undefined;
  /** Backups of the Go tool in this target count, and can be pruned. */
  readonly adopt?: boolean | undefined;
}

export interface SelectConfig {
  /** Globs on `database.collection`, without a dot of the default database; or regular expressions between slashes, which match the whole of `database.collection`. */
  readonly include?: readonly string[] | undefined;
  /** An exclude wins over every include. */
  readonly exclude?: readonly string[] | undefined;
  /** What collections must be like besides; all of it must hold. */
  readonly where?: WhereConfig | undefined;
  /** Of the collections that a key matches (as in include), only the partitions that one of its globs matches. */
  readonly partitions?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Refuse to begin when an include matches nothing, rather than warn; false when absent. */
  readonly strict?: boolean | undefined;
}

/** Asked of the source only when a policy selects by it. */
export interface WhereConfig {
  /** Properties of the collection, with their values. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** `1GiB`, by what rows and schema let expect. */
  readonly largerThan?: string | undefined;
  readonly smallerThan?: string | undefined;
}

/** What is looked at again of the backups of a policy, and how often. */
export interface CheckConfig<SourceName extends string = string> {
  /** How far to look: metadata, objects, checksum, spot, or restore for a drill. */
  readonly kind: CheckLevel;
  /** No more often than this, by the target's own record, as "1d". */
  readonly every: string;
  /** Of checksum: the share that is read each time, as "1/30"; the next time it is the next one. All of it when absent. */
  readonly part?: string | undefined;
  /** Of each of so many of the newest backups, each on its own clock; of whatever is the newest, on one clock, when absent. */
  readonly newest?: number | undefined;
  /** Of restore: where to; the policy's own source when absent. */
  readonly into?: DrillPlaceConfig<SourceName> | undefined;
}

export interface DrillPlaceConfig<SourceName extends string = string> {
  /** The source that is restored into. */
  readonly source: SourceName;
  /** What the scratch database's name begins with; drill when absent. */
  readonly database?: string | undefined;
}

/** flush: all rows so far. skip-flush: what Milvus has persisted. meta-only: schemas, no rows. */
export type Consistency = "flush" | "skip-flush" | "meta-only";

/** require: no backup without a pause. prefer: a warning where it cannot be paused. off: nothing is asked. */
export type GcMode = "require" | "prefer" | "off";

/** Files or packages; of several, later ones win. */
export type Extends = string | readonly string[];

/** A policy with everything that it needs, whatever of it is inherited. */
export interface PolicyConfig<SourceName extends string = string, StorageName extends string = string> {
  /** What this inherits: files, whose paths from here begin with ./ or ../, or packages; later ones win, this file over all. */
  readonly extends?: Extends | undefined;
  /** The source that is backed up. */
  readonly source: SourceName;
  /** Where backups are kept: the first that can be reached is written, and copied to the others. */
  readonly targets: readonly TargetConfig<StorageName>[];
  /** How long backups are kept; when absent, until somebody deletes them. */
  readonly retention?: RetentionConfig | undefined;
  /** Which collections are backed up; all of them when absent. */
  readonly select?: SelectConfig | undefined;
  /** flush: all rows so far. skip-flush: what Milvus has persisted. meta-only: schemas, no rows. When absent: flush. */
  readonly consistency?: Consistency | undefined;
  /** Pausing Milvus's garbage collection while it is copied. require: or no backup. prefer: or a warning. off: not asked. When absent: prefer where the source has management. */
  readonly gc?: GcMode | undefined;
  /** Over the config's. */
  readonly limits?: LimitsConfig | undefined;
  /** What runs before and after: docs/hooks.md. */
  readonly hooks?: readonly HookConfig[] | undefined;
  /** What is looked at again of its backups, when it is due: docs/verification.md. */
  readonly checks?: readonly CheckConfig<SourceName>[] | undefined;
  /** Backups are encrypted, and only who has an identity can read them; the Go tool cannot: docs/encryption.md. */
  readonly encryption?: EncryptionConfig | undefined;
}

export interface EncryptionConfig {
  /** Public keys of age, `age1…`: the holder of the identity of any of them can restore. */
  readonly recipients: readonly string[];
}

/** A plugin, and the options of an observer; those of all others stand where these are used. */
export interface PluginConfig {
  /** A path that begins with `./`, `../`, `/` or `~/`, relative to the config's folder; a package; or the plugin itself. */
  readonly use: string | Plugin;
  /** Of an observer; a Secret may stand for any text. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** A config with everything that it needs, whatever of it is inherited. */
export interface Config<
  SourceName extends string = string,
  StorageName extends string = string,
  DefaultKey extends keyof PolicyConfig = keyof PolicyConfig,
> {
  /** What this inherits: files, whose paths from here begin with ./ or ../, or packages; later ones win, this file over all. */
  readonly extends?: Extends | undefined;
  /** The version of this format. */
  readonly version: 1;
  /** Each Milvus, by a name for policies to use. */
  readonly sources: Readonly<Record<SourceName, SourceConfig<NoInfer<StorageName>>>>;
  /** Places for objects, by a name for sources and policies to use. */
  readonly storages: Readonly<Record<StorageName, StorageConfig>>;
  /** The folder of policy files, relative to the config's. When absent: policies. */
  readonly policiesDir?: string | undefined;
  /** Policies by name, beside those of the folder. */
  readonly policies?: Readonly<Record<string, PolicyPart<NoInfer<SourceName>, NoInfer<StorageName>>>> | undefined;
  /** Names for several policies, which run --group takes in this order. */
  readonly groups?: Readonly<Record<string, readonly string[]>> | undefined;
  /** What every policy inherits, below all that it extends. */
  readonly defaults?: Pick<PolicyPart<NoInfer<SourceName>, NoInfer<StorageName>>, DefaultKey> | undefined;
  /** For every policy that does not say otherwise. */
  readonly limits?: LimitsConfig | undefined;
  /** What opens encrypted backups: files with age identities, or Secrets; read when one is looked into. */
  readonly identities?: readonly (string | Secret)[] | undefined;
  /** Storages, hooks, observers and secret providers besides the tool's own; a plugin or its name alone is one without options. */
  readonly plugins?: readonly (string | Plugin | PluginConfig)[] | undefined;
}

/** What may stand in one file of several that are merged: any part of the whole, and null for what it takes away. */
export type Part<T> = T extends readonly unknown[] | Secret
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Part<T[K]> | null }
    : T;

/** What a policy file holds when the rest is inherited. */
export type PolicyPart<SourceName extends string = string, StorageName extends string = string> = Part<
  PolicyConfig<SourceName, StorageName>
>;

/** What a config file holds when the rest is inherited, and what an overlay holds. */
export type ConfigPart = Part<Config>;

/**
 * What a policy file holds beside a config of this type: only names that the config has, and all that the policy needs
 * unless it extends something or the config's defaults have it.
 */
export type PolicyOf<ConfigType extends ConfigPart> =
  ConfigType extends Config<infer SourceName, infer StorageName, infer DefaultKey>
    ? PolicyPart<SourceName, StorageName> &
        (Extending | Pick<PolicyConfig<SourceName, StorageName>, Exclude<"source" | "targets", DefaultKey>>)
    : PolicyPart;

/** What inherits. */
export interface Extending {
  readonly extends: Extends;
}

/** A source, resolved: TLS paths are absolute. */
export interface Source extends SourceConfig {
  readonly name: string;
}

/** A storage, resolved: paths are absolute, secrets still references. */
export interface StorageSettings {
  readonly name: string;
  readonly type: string;
  /** "" for none. */
  readonly prefix: string;
  readonly readableByMilvus: boolean | string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Limits {
  readonly collections: number;
  readonly objects: number;
  readonly imports: number;
}

export interface Target {
  readonly storage: string;
  /** Below the storage's own prefix; "" for none. */
  readonly prefix: string;
  /** Of a resolved policy: its own, or the policy's; absent where nothing is pruned. */
  readonly retention?: RetentionConfig | undefined;
  /** Of a resolved policy: its own, or the policy's. */
  readonly encryption?: EncryptionConfig | false | undefined;
}

/** The rules of keep, with durations in milliseconds. */
export interface Keep extends Omit<KeepConfig, "within"> {
  readonly withinMs?: number | undefined;
}

/** Retention with its defaults. */
export interface Retention {
  readonly keep: Keep;
  readonly timezone: string;
  readonly minKeep: number;
  readonly maxDelete?: number | string | undefined;
  readonly failedGraceMs: number;
  readonly keepUntilCopied: readonly string[];
  readonly keepVerified: number;
  readonly adopt: boolean;
}

export interface Selection extends SelectConfig {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** A check, resolved. */
export interface CheckRule {
  readonly kind: CheckLevel;
  readonly everyMs: number;
  /** How many parts the bytes are read in; 1 for all at once. */
  readonly parts: number;
  readonly newest?: number | undefined;
  readonly into?: DrillPlaceConfig | undefined;
}

/** A policy, resolved: its names exist in the config. */
export interface Policy {
  readonly name: string;
  readonly source: string;
  readonly targets: readonly [Target, ...Target[]];
  readonly select: Selection;
  readonly consistency: Consistency;
  readonly gc: GcMode;
  readonly encryption?: EncryptionConfig | undefined;
  readonly limits: Limits;
  readonly hooks: readonly Hook[];
  readonly checks: readonly CheckRule[];
  /** sha256, hex, of what decides a backup: this policy with its hooks, its source, the storages. Not limits, checks or credentials. */
  readonly digest: string;
}
