import { dropCollection } from "./create.ts";
import { listCollections, listDatabases } from "./inventory.ts";
import type { MilvusSession } from "./session.ts";
import type { MilvusCall } from "./types.ts";

/** Drops a database with everything in it; what is not there is dropped already. Only for one that this tool has made. */
export async function dropDatabase(milvus: MilvusSession, database: string, call: MilvusCall = {}): Promise<void> {
  if (!(await listDatabases(milvus, call)).includes(database)) return;
  for (const { name: collection } of await listCollections(milvus, database, call)) {
    await dropCollection(milvus, { database, collection }, call);
  }
  await milvus.send("DropDatabase", {}, { ...call, database });
}
