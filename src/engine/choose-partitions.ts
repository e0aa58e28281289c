import type { CollectionPart } from "../core/collection-name.ts";
import { BackupError } from "../core/errors.ts";
import { compileGlobs, isGlob } from "../core/select.ts";
import type { CollectionMeta } from "../format/meta.ts";

export interface PartitionChoice {
  /** With the chosen partitions only. */
  readonly meta: CollectionMeta;
  /** The others: their segments are left out on purpose. */
  readonly leftOut: ReadonlySet<bigint>;
  /** What the manifest says of it; absent when the collection is taken whole. */
  readonly part?: CollectionPart | undefined;
  readonly notes: readonly string[];
}

/**
 * Of a collection the partitions that the globs match, all without globs. A BackupError when it has none of these, or
 * not one that is named, and for a partition key: which rows are in which of its partitions, only Milvus knows.
 */
export function choosePartitions(meta: CollectionMeta, globs: readonly string[] | undefined): PartitionChoice {
  if (globs === undefined) return { meta, leftOut: new Set(), notes: [] };
  const name = `${meta.db_name}.${meta.collection_name}`;
  if (meta.schema.fields.some(({ is_partition_key }) => is_partition_key)) {
    throw new BackupError("refused", `Cannot take partitions of ${name}: Milvus spreads its rows by a partition key`, {
      hint: "take it whole: leave it out of the policy's partitions",
    });
  }
  const all = meta.partition_backups ?? [];
  const matches = compileGlobs(globs);
  const chosen = all.filter(({ partition_name }) => matches(partition_name));
  const names = chosen.map(({ partition_name }) => partition_name);
  const idle = globs.filter((glob) => !names.some(compileGlobs([glob])));
  if (names.length === 0 || !idle.every(isGlob)) throw missing(name, idle, all.length);
  const left = all.filter((partition) => !chosen.includes(partition));
  return {
    meta: { ...meta, partition_backups: chosen },
    leftOut: new Set(left.map(({ partition_id }) => partition_id)),
    ...(left.length > 0 && { part: { taken: names, of: all.length } }),
    notes: [
      ...(left.length > 0
        ? [`only ${names.length} of its ${all.length} partitions are in the backup: ${names.join(", ")}`]
        : []),
      ...idle.map((glob) => `no partition matches ${glob}`),
    ],
  };
}

function missing(name: string, idle: readonly string[], partitions: number): BackupError {
  return new BackupError("not-found", `${name} has no partition ${idle.join(", ")} among its ${partitions}`, {
    hint: "mend the policy's partitions: a glob may match nothing as long as another matches, a name may not",
  });
}
