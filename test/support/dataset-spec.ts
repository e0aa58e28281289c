import type { FieldType, keyValueObj } from "@zilliz/milvus2-sdk-node";

/** What is done to the rows of a collection, one after another; a row is made from its number and its version. */
export type DataStep =
  | RowStep
  | { readonly kind: "delete"; readonly rows: RowRange; readonly partition?: string }
  | { readonly kind: "flush" };

export interface RowStep {
  readonly kind: "insert" | "upsert";
  readonly rows: RowRange;
  /** Other values for the same key; 1 unless told. */
  readonly version?: number;
  readonly partition?: string;
}

/** Row numbers from the first up to, but not with, the last. */
type RowRange = readonly [from: number, to: number];

/**
 * Which key a row number becomes: `wide` int64 keys lie on both sides of zero, beyond what a JS number can hold; the
 * first extreme ones are the ends of their type, but for the last int64; auto ones are from Milvus.
 */
export type KeyKind = "small" | "wide" | "extreme" | "last" | "text" | "extreme-text" | "auto" | "auto-text";

interface IndexSpec {
  readonly field: string;
  /** Milvus gives it one unless told. */
  readonly name?: string;
  readonly type: string;
  /** None for a scalar. */
  readonly metric?: string;
  readonly params?: keyValueObj;
}

export interface CollectionSpec {
  readonly database: string;
  readonly name: string;
  readonly keys: KeyKind;
  /** All but the primary key, which is `id`. */
  readonly fields: readonly FieldType[];
  readonly description?: string;
  readonly shards?: number;
  /** Rows carry further keys that are not in the schema. */
  readonly dynamic?: boolean;
  readonly consistency?: "Strong" | "Session" | "Bounded" | "Eventually" | "Customized";
  readonly properties?: Readonly<Record<string, string>>;
  /** How many partitions a partition-key collection has. */
  readonly partitionCount?: number;
  /** Named partitions besides `_default`. */
  readonly partitions?: readonly string[];
  readonly indexes?: readonly IndexSpec[];
  readonly aliases?: readonly string[];
  /** Rows go through what is likely to get lost of each type, one after another. */
  readonly extremes?: boolean;
  readonly steps: readonly DataStep[];
}

/** The same collections under other names and aliases, for tests that run side by side on one Milvus. */
export function withSuffix(specs: readonly CollectionSpec[], suffix: string): readonly CollectionSpec[] {
  return specs.map((spec) => ({
    ...spec,
    name: spec.name + suffix,
    ...(spec.aliases && { aliases: spec.aliases.map((alias) => alias + suffix) }),
  }));
}

/** The same collections, each in the database that stands for its own. */
export function inDatabases(
  specs: readonly CollectionSpec[],
  databases: Readonly<Record<string, string>>,
): readonly CollectionSpec[] {
  return specs.map((spec) => ({ ...spec, database: databases[spec.database] ?? spec.database }));
}
