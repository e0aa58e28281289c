import { dropCollection } from "./create.ts";
import { listCollections, listDatabases } from "./inventory.ts";
import type { MilvusSession } from "./session.ts";
import type { MilvusCall } from "./types.ts";

/**
 * Drops a database with everything in it, and says whether it was there: one that was not may be in another Milvus that
 * goes by the same address. Only for one that this tool has made.
 */
export async function dropDatabase(milvus: MilvusSession, database: string, call: MilvusCall = {}): Promise<boolean> {
  if (!(await listDatabases(milvus, call)).includes(database)) return false;
  for (const { name: collection } of await listCollections(milvus, database, call)) {
    await dropCollection(milvus, { database, collection }, call);
  }
  await milvus.send("DropDatabase", {}, { ...call, database });
  return true;
}
