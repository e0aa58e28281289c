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

/** A storage, resolved: paths are absolute, secrets still references. */
export interface StorageSettings {
  readonly name: string;
  readonly type: string;
  /** "" for none. */
  readonly prefix: string;
  readonly readableByMilvus: boolean | string;
  readonly options: Readonly<Record<string, unknown>>;
}
