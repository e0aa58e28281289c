export interface LimitsConfig {
  /** Collections at a time. */
  readonly collections?: number | undefined;
  /** Objects in flight at a time. */
  readonly objects?: number | undefined;
  /** Imports at a time. */
  readonly imports?: number | undefined;
}

export interface Limits {
  readonly collections: number;
  readonly objects: number;
  readonly imports: number;
}
