/** What people write in a config and in policy files, and what the tool makes of it. */

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
  /**
   * Globs on `database.collection`, without a dot of the default database; or regular expressions between slashes, which
   * match the whole of `database.collection`. Everything when absent.
   */
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

export interface Selection extends SelectConfig {
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
  /** sha256, hex, of what decides a backup's content: this policy, its source, the storages. Not limits, not credentials. */
  readonly digest: string;
}
