import { createWriteStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { pipeline as pipe } from "node:stream";
import { deleteKeys } from "../catalog/delete-backup.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { decodeCapture, encodeCapture } from "../format/capture-file.ts";
import type { StoredCapture } from "../format/capture-file.ts";
import { controlKeys } from "../format/keys.ts";
import { encodeObjectLine, readObjectLines } from "../format/objects-list.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import { encodeRunRecord } from "../format/run-record.ts";
import type { RunRecord } from "../format/run-record.ts";
import { bytesBody, fileBody } from "../io/body.ts";
import { hasObjects, objectsIn } from "../io/list-objects.ts";
import { inScratch } from "./scratch.ts";
import type { Spool } from "./spool.ts";

/** Names below the run's directory in the target. */
export const RECORD_FILE = "run.json";
export const CLAIMS = "claims/";
export const CAPTURES = "captures/";
const copiedOf = (collectionId: string): string => `copied/${collectionId}/`;

/** What a run keeps in the target while it makes a backup: with it another run goes on where this one stopped. */
export interface RunState {
  readonly runId: string;
  begin(record: RunRecord): Promise<void>;
  findCapture(collectionId: string): Promise<StoredCapture | undefined>;
  storeCapture(capture: StoredCapture): Promise<void>;
  /** Says that there is one, without what is in it. */
  markCaptured(collectionId: string): Promise<void>;
  /** What was recorded of copied objects, by key. */
  readCopied(collectionId: string): Promise<Map<string, ObjectEntry>>;
  /** Adds a part to it. */
  writeCopied(collectionId: string, entries: readonly ObjectEntry[]): Promise<void>;
  /** Whether there is anything that a resumption would save. */
  hasCaptures(): Promise<boolean>;
  remove(): Promise<void>;
}

export interface RunStatePlace extends Call {
  readonly storage: Storage;
  /** The run that began the backup, not the one that may have taken it up. */
  readonly runId: string;
  readonly spool: Spool;
}

export function openRunState({ storage, runId, spool, signal }: RunStatePlace): RunState {
  const keyOf = (name: string): string => controlKeys.run(runId, name);
  const captureOf = (collectionId: string): string => keyOf(`${CAPTURES}${collectionId}.jsonl.gz`);
  const nextPart = partNumbers(storage, keyOf);
  return {
    runId,
    begin: async (record) => {
      await storage.write(keyOf(RECORD_FILE), bytesBody(encodeRunRecord(record)), { signal });
    },
    findCapture: (collectionId) => readCapture(storage, captureOf(collectionId), { signal }),
    storeCapture: async (capture) => {
      const id = capture.meta.collection_id.toString();
      const file = path.join(spool.directory, `capture-${id}.jsonl.gz`);
      await inScratch(spool.directory, () =>
        pipeline(encodeCapture(capture), createGzip(), createWriteStream(file), { signal }),
      );
      await storage.write(captureOf(id), await fileBody(file), { signal });
    },
    markCaptured: async (collectionId) => {
      await storage.write(keyOf(`${CAPTURES}${collectionId}.sealed`), bytesBody(""), { signal });
    },
    readCopied: (collectionId) => readParts(storage, keyOf(copiedOf(collectionId)), { signal }),
    writeCopied: async (collectionId, entries) => {
      const part = String(await nextPart(collectionId)).padStart(6, "0"); // in their order when they are listed
      const lines = entries.map(encodeObjectLine).join("");
      await storage.write(keyOf(`${copiedOf(collectionId)}${part}.jsonl`), bytesBody(lines)); // of a stopped run, too
    },
    hasCaptures: () => hasObjects(storage, keyOf(CAPTURES)),
    remove: async () => {
      const keys: string[] = [];
      for await (const { key } of objectsIn(storage, keyOf(""), {})) keys.push(key);
      await deleteKeys(storage, keys);
    },
  };
}

/** Numbers for parts, behind those that are there; asked for also after the run was stopped. */
function partNumbers(storage: Storage, keyOf: (name: string) => string): (collectionId: string) => Promise<number> {
  const last = new Map<string, number>();
  const findLast = async (collectionId: string): Promise<number> => {
    let found = 0;
    for await (const { key } of objectsIn(storage, keyOf(copiedOf(collectionId)), {})) found = numberOf(key);
    return found;
  };
  return async (collectionId) => {
    const found = last.has(collectionId) ? 0 : await findLast(collectionId);
    const number = (last.get(collectionId) ?? found) + 1; // read after the wait: another part may have been numbered
    last.set(collectionId, number);
    return number;
  };
}

function numberOf(key: string): number {
  return Number(key.slice(key.lastIndexOf("/") + 1).split(".")[0]);
}

async function readCapture(storage: Storage, key: string, call: Call): Promise<StoredCapture | undefined> {
  try {
    const { body } = await storage.read(key, call);
    return await decodeCapture(
      pipe(body, createGunzip(), () => {}),
      key,
    ); // its error is thrown where the lines are read
  } catch (error) {
    if (isStorageError(error, "missing")) return undefined;
    throw error;
  }
}

async function readParts(storage: Storage, prefix: string, call: Call): Promise<Map<string, ObjectEntry>> {
  const entries = new Map<string, ObjectEntry>();
  for await (const { key } of objectsIn(storage, prefix, call)) {
    const { body } = await storage.read(key, call);
    for await (const entry of readObjectLines(body, key)) entries.set(entry.key, entry);
  }
  return entries;
}
