import { createHash } from "node:crypto";
import { isStorageError, StorageError } from "../core/contracts/storage.ts";
import type {
  Call,
  ObjectBody,
  ObjectInfo,
  ReadOptions,
  ReadResult,
  Storage,
  WriteOptions,
} from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { damaged } from "../format/damaged.ts";
import {
  DATA_KEY_KEY,
  dataKeyFiles,
  keyInBackup,
  MANIFEST_KEY,
  OBJECTS_DIRECTORY,
  SEALED_MANIFEST_KEY,
} from "../format/keys.ts";
import { decodeManifest, encodeManifest } from "../format/manifest.ts";
import type { ManifestEncryption } from "../format/manifest.ts";
import type { StoredForm } from "../format/objects-list.ts";
import { bytesBody, readBytes } from "../io/body.ts";
import { hashObject } from "../io/hash-object.ts";
import { openFile, plainBytes, sealBytes, sealFile } from "../seal/age-file.ts";
import type { DataKey } from "../seal/age-file.ts";
import { isSealError } from "../seal/seal-error.ts";
import { joinParts, openPart } from "./sealed-manifest.ts";

/** One backup's seal: what is below its directory is sealed to one of its data keys. */
export interface Seal {
  readonly backup: string;
  /** Those that are known; what is written is sealed to the last one. */
  readonly dataKeys: readonly [DataKey, ...DataKey[]];
  /** What its manifest says of it; absent for one that is only read. */
  readonly encryption?: ManifestEncryption | undefined;
}

/** What a sealed storage tells of an object that it wrote. */
export interface SealedInfo extends ObjectInfo {
  readonly stored: StoredForm;
}

/**
 * A storage that seals what is written below a backup's directory, and opens what is read there. It cannot copy within the
 * service, and Milvus cannot read it. Lists, stats and hashes are of what is stored; so are lists of objects and what of the
 * manifest anybody may know, which are in the clear.
 */
export function sealStorage(storage: Storage, seal: Seal): Storage {
  const root = keyInBackup(seal.backup, "");
  const fileOf = (key: string): string | undefined => (key.startsWith(root) ? key.slice(root.length) : undefined);
  return {
    location: { ...storage.location, type: `${storage.location.type}+age` },
    capabilities: { ...storage.capabilities, serverCopy: false, link: false },
    stat: (key, call) => storage.stat(key, call),
    read: (key, options) => {
      const file = fileOf(key);
      if (file === MANIFEST_KEY) return readManifest(storage, seal, options);
      return file === undefined || isInTheClear(file)
        ? storage.read(key, options)
        : readSealed(storage, seal, { key, options });
    },
    write: (key, body, options) => {
      const file = fileOf(key);
      if (file === MANIFEST_KEY) return writeManifest(storage, seal, { key, body, options });
      if (file === undefined || isInTheClear(file)) return storage.write(key, body, options);
      return writeSealed(storage, seal, { key, body, options });
    },
    list: (prefix, options) => storage.list(prefix, options),
    delete: (keys, call) => storage.delete(keys, call),
    hash: (key, call) => hashObject(storage, key, call),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

/** How the target holds it, where a sealed storage wrote it. */
export function storedFormOf(info: ObjectInfo): StoredForm | undefined {
  return "stored" in info ? (info as SealedInfo).stored : undefined; // only sealed storages have this member
}

function isInTheClear(file: string): boolean {
  return KEY_FILE.test(file) || file === MANIFEST_KEY || file.startsWith(OBJECTS_DIRECTORY);
}

const KEY_FILE = /^meta\/key(?:-\w+)?\.age$/;

interface Read {
  readonly key: string;
  readonly options: ReadOptions | undefined;
}

async function readSealed(storage: Storage, { dataKeys }: Seal, { key, options = {} }: Read): Promise<ReadResult> {
  const { range, ...call } = options;
  const info = await storage.stat(key, call);
  if (info === undefined) throw new StorageError("missing", `There is no ${key}`, { key });
  const from = (start: number, stop?: number): AsyncIterable<Uint8Array> =>
    readFrom(storage, { key, options: { ...call, range: { start, end: stop } } });
  const identities = dataKeys.map(({ identity }) => identity);
  const whole = await opening(key, () => openFile(identities, { size: info.bytes, open: from }));
  const { start = 0, end = whole.size } = range ?? {};
  const { etag: _, sha256: _sha256, ...plain } = info;
  return { info: { ...plain, bytes: whole.size }, body: openingEach(key, take(whole.open(start), end - start)) };
}

async function* readFrom(storage: Storage, { key, options }: Read): AsyncGenerator<Uint8Array> {
  yield* (await storage.read(key, options)).body;
}

async function* take(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left);
      return;
    }
    left -= chunk.length;
    yield chunk;
  }
}

interface Write {
  readonly key: string;
  readonly body: ObjectBody;
  readonly options: (Call & WriteOptions) | undefined;
}

async function writeSealed(storage: Storage, seal: Seal, { key, body, options }: Write): Promise<SealedInfo> {
  const dataKey = keyToWriteWith(seal);
  const plain = hashing(body);
  const sealed = await sealFile(dataKey.recipient, { size: body.size, open: plain.open });
  const written = await storage.write(key, { size: sealed.size, open: (offset = 0) => sealed.open(offset) }, options);
  const sha256 = written.sha256 ?? (await hashObject(storage, key, { signal: options?.signal }));
  return {
    key,
    bytes: body.size,
    sha256: await plain.sha256(),
    stored: { bytes: sealed.size, sha256, encoding: "age", keyId: dataKey.recipient },
  };
}

/** Hashes a body on its way; what was opened in parts is read again for it. */
function hashing(body: ObjectBody): { open(offset: number): AsyncIterable<Uint8Array>; sha256(): Promise<string> } {
  const hash = createHash("sha256");
  let hashed = 0;
  async function* open(offset: number): AsyncGenerator<Uint8Array> {
    let at = offset;
    for await (const chunk of body.open(offset)) {
      const isNext = at <= hashed && at + chunk.length > hashed;
      if (isNext) {
        hash.update(chunk.subarray(hashed - at));
        hashed = at + chunk.length;
      }
      at += chunk.length;
      yield chunk;
    }
  }
  const readRest = async (): Promise<void> => {
    for await (const _ of open(hashed)) continue;
  };
  return {
    open,
    sha256: async () => {
      if (hashed < body.size) await readRest();
      return hash.digest("hex");
    },
  };
}

function keyToWriteWith({ dataKeys }: Seal): DataKey {
  return dataKeys.at(-1) ?? dataKeys[0];
}

/**
 * The part in the clear first, since it takes the name; the data key goes beside the first one. Who goes on with a backup
 * writes its key before a manifest names it: one that is named and not there would close the backup for good.
 */
async function writeManifest(storage: Storage, seal: Seal, { key, body, options }: Write): Promise<ObjectInfo> {
  const bytes = await readBytes(body.open());
  const manifest = decodeManifest(bytes);
  const { encryption } = seal;
  if (encryption === undefined) throw new TypeError(`Cannot write ${key}: the backup was opened to be read`);
  const { signal } = options ?? {};
  const isBegun = manifest.state === "running";
  const isTakenUp = encryption.furtherKeys !== undefined;
  if (isBegun && isTakenUp) await writeKey(storage, seal, { signal });
  const info = await storage.write(key, bytesBody(encodeManifest(openPart({ ...manifest, encryption }))), options);
  if (isBegun && !isTakenUp) await writeKey(storage, seal, { signal });
  await writeSealed(storage, seal, {
    key: keyInBackup(seal.backup, SEALED_MANIFEST_KEY),
    body: bytesBody(bytes),
    options: { signal },
  });
  return info;
}

/** For the recipients: the key that is written with. */
async function writeKey(storage: Storage, seal: Seal, call: Call): Promise<void> {
  const { backup, encryption } = seal;
  const { identity, recipient } = keyToWriteWith(seal);
  const { recipients = [], ...keys } = encryption ?? { keyId: recipient };
  const file = dataKeyFiles(keys).find(({ keyId }) => keyId === recipient)?.file ?? DATA_KEY_KEY;
  const wrapped = await sealBytes(recipients, new TextEncoder().encode(identity));
  await storage.write(keyInBackup(backup, file), bytesBody(wrapped), call);
}

async function readManifest(storage: Storage, seal: Seal, options: ReadOptions = {}): Promise<ReadResult> {
  const { info, body } = await storage.read(keyInBackup(seal.backup, MANIFEST_KEY), options);
  const open = decodeManifest(await readBytes(body));
  const { signal } = options;
  const key = keyInBackup(seal.backup, SEALED_MANIFEST_KEY);
  const sealed = await readSealed(storage, seal, { key, options: { signal } }).catch((error: unknown) => {
    throw isStorageError(error, "missing") ? damaged({ file: SEALED_MANIFEST_KEY }, "it is not there", error) : error;
  });
  const whole = bytesBody(encodeManifest(joinParts(open, decodeManifest(await readBytes(sealed.body)))));
  return { info: { ...info, bytes: whole.size }, body: whole.open() };
}

/** What a sealed file of this length would hold; undefined for what is no such file. */
export const unsealedBytes: (stored: number) => number | undefined = plainBytes;

async function opening<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toBackupError(key, error);
  }
}

async function* openingEach(key: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw toBackupError(key, error);
  }
}

/** The data key is the right one, so what does not open is not what was written. */
function toBackupError(key: string, error: unknown): unknown {
  if (!isSealError(error)) return error;
  return new BackupError("damaged", `Cannot decrypt ${key}: ${error.message}`, {
    cause: error,
    hint: "take it from another copy of the backup",
    facts: { key },
  });
}
