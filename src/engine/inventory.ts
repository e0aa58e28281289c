import type { CollectionName } from "../core/collection-name.ts";
import { listCollections, listDatabases } from "../milvus/inventory.ts";
import type { MilvusSession } from "../milvus/session.ts";
import type { MilvusCall } from "../milvus/types.ts";

export interface Inventory {
  readonly databases: readonly string[];
  readonly collections: readonly CollectionName[];
}

/** What a Milvus holds right now, by name. */
export async function listInventory(milvus: MilvusSession, call: MilvusCall = {}): Promise<Inventory> {
  const databases = await listDatabases(milvus, call);
  const collections: CollectionName[] = [];
  for (const database of databases) {
    for (const { name } of await listCollections(milvus, database, call)) collections.push({ database, name });
  }
  return { databases, collections };
}
