import { createWriteStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { keyInBackup, objectsListKey } from "../format/keys.ts";
import { encodeObjectLine } from "../format/objects-list.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import { fileBody } from "../io/body.ts";
import { inScratch } from "./scratch.ts";

export interface ObjectListWriting extends Call {
  readonly backup: string;
  readonly collectionId: bigint;
  readonly entries: readonly ObjectEntry[];
  /** On this machine, for the packed list on its way. */
  readonly directory: string;
}

/** Writes what is known of a collection's objects beside them. */
export async function writeObjectList(storage: Storage, writing: ObjectListWriting): Promise<void> {
  const { backup, collectionId, entries, directory, signal } = writing;
  const list = path.join(directory, `${collectionId}.jsonl.gz`);
  await inScratch(directory, () =>
    pipeline(entries.map(encodeObjectLine), createGzip(), createWriteStream(list), { signal }),
  );
  await storage.write(keyInBackup(backup, objectsListKey(collectionId)), await fileBody(list), { signal });
}
