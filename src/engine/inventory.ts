import type { InventoryCollection } from "../core/collection-name.ts";
import { isMilvusError } from "../milvus/errors.ts";
import { listCollections, listDatabases } from "../milvus/inventory.ts";
import type { MilvusSession } from "../milvus/session.ts";
import type { MilvusCall, NamedId } from "../milvus/types.ts";

export interface Inventory {
  readonly databases: readonly string[];
  readonly collections: readonly InventoryCollection[];
}

/** What a Milvus holds right now, by name. */
export async function listInventory(milvus: MilvusSession, call: MilvusCall = {}): Promise<Inventory> {
  const databases = await listDatabases(milvus, call);
  const collections: InventoryCollection[] = [];
  for (const database of databases) {
    for (const { id, name } of await listIfThere(milvus, database, call)) {
      collections.push({ database, name, id: id.toString() });
    }
  }
  return { databases, collections };
}

/** A database may be dropped between the two lists. */
async function listIfThere(milvus: MilvusSession, database: string, call: MilvusCall): Promise<readonly NamedId[]> {
  try {
    return await listCollections(milvus, database, call);
  } catch (error) {
    if (isMilvusError(error, "database-not-found")) return [];
    throw error;
  }
}
