/** What people write in a config and in policy files, and what the tool makes of it. */
import type { Hook, HookConfig } from "./hooks.ts";
import type { Plugin } from "./plugin.ts";

/** Where a secret is: an environment variable, a file, or what a command prints. Never the secret itself. */
export type Secret =
  | { readonly env: string }
  /** Relative to the config's folder; one newline at its end is dropped. */
  | { readonly file: string }
  /** Program and arguments, run without a shell in the config's folder. */
  | { readonly command: readonly string[] };

export type Auth = { readonly username: string; readonly password: Secret } | { readonly token: Secret };

/** TLS is on when this is there, even empty. Paths are relative to the config's folder. */
export interface TlsConfig {
  /** A PEM file with the authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
  /** PEM files of the client's certificate and key, for mutual TLS. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name that the server's certificate bears, where it is not the address's. */
  readonly serverName?: string | undefined;
  /** Accept any certificate. */
  readonly skipVerify?: boolean | undefined;
}

export interface SourceConfig {
  /** `host:port`, or a URL with http or https. */
  readonly address: string;
  readonly auth?: Auth | undefined;
  readonly tls?: TlsConfig | undefined;
  /** The storage where this Milvus keeps its segments. */
  readonly storage: string;
}

export interface StorageConfig {
  /** The storage plugin: `local`, `s3`, … */
  readonly type: string;
  /** What stands before every key, without slashes at its ends. */
  readonly prefix?: string | undefined;
  /** Milvus can read this storage where it is (true), or under this path, so that restores need no copy. */
  readonly readableByMilvus?: boolean | string | undefined;
  /** The plugin's own options; a Secret may stand for any string, and `path` or what starts with `./` is relative to the config's folder. */
  readonly [option: string]: unknown;
}

export interface LimitsConfig {
  /** Collections at a time; 4. */
  readonly collections?: number | undefined;
  /** Objects in flight at a time; 64. */
  readonly objects?: number | undefined;
  /** Imports at a time; 8. */
  readonly imports?: number | undefined;
}

export interface TargetConfig {
  readonly storage: string;
  /** Below the storage's own prefix. */
  readonly prefix?: string | undefined;
}

export interface SelectConfig {
  /** Globs on `database.collection`; without a dot they are of the default database. Everything when absent. */
  readonly include?: readonly string[] | undefined;
  /** An exclude wins over every include. */
  readonly exclude?: readonly string[] | undefined;
}

/** flush: all rows so far. skip-flush: what Milvus has persisted. meta-only: schemas, no rows. */
export type Consistency = "flush" | "skip-flush" | "meta-only";

/** What a policy file holds. */
export interface PolicyConfig {
  readonly source: string;
  /** Exactly one in this version. */
  readonly targets: readonly TargetConfig[];
  readonly select?: SelectConfig | undefined;
  /** flush when absent. */
  readonly consistency?: Consistency | undefined;
  /** Over the config's. */
  readonly limits?: LimitsConfig | undefined;
  /** What runs before and after: docs/hooks.md. */
  readonly hooks?: readonly HookConfig[] | undefined;
}

/** A plugin, and the options of an observer; those of storages and hooks stand where these are used. */
export interface PluginConfig {
  /** A path that begins with `./`, `../`, `/` or `~/`, relative to the config's folder; a package; or the plugin itself. */
  readonly use: string | Plugin;
  /** A Secret may stand for any string. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** What the config file holds. */
export interface Config {
  readonly version: 1;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly storages: Readonly<Record<string, StorageConfig>>;
  /** The folder of policy files, relative to the config's; `policies` when absent. */
  readonly policiesDir?: string | undefined;
  /** Policies by name, beside those of the folder. */
  readonly policies?: Readonly<Record<string, PolicyConfig>> | undefined;
  readonly limits?: LimitsConfig | undefined;
  /** Storages, hooks and observers besides the tool's own; a plugin or its name alone is one without options. */
  readonly plugins?: readonly (string | Plugin | PluginConfig)[] | undefined;
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
}

export interface Selection {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** A policy, resolved: its names exist in the config. */
export interface Policy {
  readonly name: string;
  readonly source: string;
  readonly targets: readonly [Target, ...Target[]];
  readonly select: Selection;
  readonly consistency: Consistency;
  readonly limits: Limits;
  readonly hooks: readonly Hook[];
  /** sha256, hex, of what decides a backup's content: this policy, its source, the storages. Not limits, not hooks, not credentials. */
  readonly digest: string;
}
