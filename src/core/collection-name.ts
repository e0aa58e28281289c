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

/** `database.name`, as people and policies write it. */
export function formatName({ database, name }: CollectionName): string {
  return `${database}.${name}`;
}
