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

/** Which key a row number becomes: `wide` int64 keys lie on both sides of zero, beyond what a JS number can hold. */
export type KeyKind = "small" | "wide" | "text" | "auto";

interface IndexSpec {
  readonly field: string;
  readonly type: string;
  readonly metric: string;
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
  readonly consistency?: "Strong" | "Session" | "Bounded" | "Eventually";
  readonly properties?: Readonly<Record<string, string>>;
  /** How many partitions a partition-key collection has. */
  readonly partitionCount?: number;
  /** Named partitions besides `_default`. */
  readonly partitions?: readonly string[];
  readonly indexes?: readonly IndexSpec[];
  readonly aliases?: readonly string[];
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
