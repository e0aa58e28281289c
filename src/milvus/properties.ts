import type { CollectionMeta, KeyValue } from "../format/meta.ts";

/** Kept by the server for itself: sent back, they shift the ids of later fields (milvus-backup #1079). */
const SERVER_MANAGED: ReadonlySet<string> = new Set(["max_field_id"]);

const TTL = "collection.ttl.seconds";

/** The union of what a server reports in two places, the schema's word first, without what it manages itself. */
export function restorableProperties(
  ofSchema: readonly KeyValue[],
  ofCollection: readonly KeyValue[],
): readonly KeyValue[] {
  const known = new Set(ofSchema.map(({ key }) => key));
  const union = [...ofSchema, ...ofCollection.filter(({ key }) => !known.has(key))];
  return union.filter(({ key }) => !SERVER_MANAGED.has(key));
}

export interface PropertyPlan {
  readonly atCreation: readonly KeyValue[];
  /** The time to live: set once the restored rows were compared, since it can hide them. */
  readonly afterComparison: readonly KeyValue[];
}

/** When each property of a backup is set on the restored collection. */
export function planProperties({
  schema,
  properties = [],
}: Pick<CollectionMeta, "schema" | "properties">): PropertyPlan {
  const all = restorableProperties(schema.properties ?? [], properties);
  return {
    atCreation: all.filter(({ key }) => key !== TTL),
    afterComparison: all.filter(({ key }) => key === TTL),
  };
}
