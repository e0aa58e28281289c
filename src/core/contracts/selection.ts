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

export interface Selection extends SelectConfig {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}
