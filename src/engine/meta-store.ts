import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { decodeMessage } from "../format/decode-message.ts";
import { COLLECTION } from "../format/messages.ts";
import type { CollectionMeta } from "../format/meta.ts";
import { encodeCollection } from "../format/write-meta.ts";
import { inScratch, makeScratch } from "./scratch.ts";

/** The collections of a backup as read from its meta, on this machine's disk, so that memory holds one at a time. */
export interface MetaStore extends AsyncDisposable {
  put(meta: CollectionMeta): Promise<void>;
  /** Of a collection that was put, by its decimal id. */
  get(collectionId: string): Promise<CollectionMeta>;
}

export async function openMetaStore(runId: string): Promise<MetaStore> {
  const directory = await makeScratch(runId);
  const fileOf = (id: string): string => path.join(directory, `${BigInt(id)}.json`);
  return {
    put: (meta) => {
      const pieces = encodeCollection(meta, "as-is").full;
      return inScratch(directory, () => writeFile(fileOf(meta.collection_id.toString()), pieces));
    },
    get: async (id) => {
      const file = fileOf(id);
      return decodeMessage(COLLECTION, { text: await readFile(file, "utf8"), file, offset: 0 });
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
