/** A collection by database and name; Milvus allows one name in several databases. */
export interface CollectionName {
  readonly database: string;
  readonly name: string;
}

/** A collection that a source holds. */
export interface InventoryCollection extends CollectionName {
  /** Decimal; it stays when the collection is renamed. */
  readonly id?: string | undefined;
}

/** Which of its partitions a collection is in a backup with, when they are not all. */
export interface CollectionPart {
  readonly taken: readonly string[];
  /** How many it had. */
  readonly of: number;
}

/** `database.name`, as people and policies write it. */
export function formatName({ database, name }: CollectionName): string {
  return `${database}.${name}`;
}
