import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { checkSha256, exactBytes, StorageError, throwIfAborted } from "../../src/plugin.ts";
import type {
  ByteRange,
  CopyRequest,
  ObjectBody,
  ObjectInfo,
  ReadOptions,
  ReadResult,
  Storage,
  StorageCapabilities,
  StorageLocation,
  WriteOptions,
} from "../../src/plugin.ts";
import { listObjects } from "./list.ts";

interface MemoryObject {
  readonly info: ObjectInfo;
  readonly bytes: Uint8Array;
}

type MemoryObjects = Map<string, MemoryObject>;

const CHUNK_BYTES = 64 * 1024;
const named = new Map<string, MemoryObjects>();
let opened = 0;

const capabilities: StorageCapabilities = {
  ifAbsent: true,
  ifMatch: true,
  serverCopy: true,
  link: true,
  checksums: ["sha256"],
  versioning: false,
  objectLock: false,
};

export function openMemory(name?: string): Storage {
  opened += 1;
  const objects = objectsOf(name);
  const location: StorageLocation = { type: "memory", bucket: name ?? `unnamed-${opened}`, prefix: "" };
  return {
    location,
    capabilities,
    stat: async (key, call) => {
      throwIfAborted(key, call?.signal);
      return objects.get(key)?.info;
    },
    read: async (key, options) => read(objects, key, options),
    write: async (key, body, options) => {
      const bytes = await readBody(key, body, options?.signal);
      checkSha256(key, body, sha256Of(bytes));
      checkConditions(objects.get(key), key, options);
      return put(objects, key, bytes);
    },
    list: (prefix, options) => listObjects(objects, prefix, options),
    delete: async (keys, call) => {
      for (const key of keys) {
        throwIfAborted(key, call?.signal);
        objects.delete(key);
      }
      return { deleted: keys, failed: [], retained: [] };
    },
    canCopyFrom: (from) => from.type === "memory" && from.bucket === location.bucket,
    copyFrom: async ({ prefix }, { sourceKey, ...copy }) =>
      copyObject(objects, { ...copy, sourceKey: prefix === "" ? sourceKey : `${prefix}/${sourceKey}` }),
    link: async (sourceKey, key) => copyObject(objects, { sourceKey, key }),
    [Symbol.asyncDispose]: async () => {},
  };
}

function objectsOf(name: string | undefined): MemoryObjects {
  const known = name === undefined ? undefined : named.get(name);
  if (known !== undefined) return known;
  const objects: MemoryObjects = new Map();
  if (name !== undefined) named.set(name, objects);
  return objects;
}

function findOrThrow(objects: MemoryObjects, key: string): MemoryObject {
  const object = objects.get(key);
  if (object === undefined) throw new StorageError("missing", `Cannot read "${key}": there is no such object`, { key });
  return object;
}

function read(objects: MemoryObjects, key: string, options: ReadOptions = {}): ReadResult {
  throwIfAborted(key, options.signal);
  const { info, bytes } = findOrThrow(objects, key);
  if (options.ifMatch !== undefined && options.ifMatch !== info.etag) throw otherVersion("read", key);
  return { info, body: inChunks(bytes, { key, ...options }) };
}

async function* inChunks(
  bytes: Uint8Array,
  { key, range, signal }: { key: string; range?: ByteRange | undefined; signal?: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  const wanted = bytes.subarray(range?.start ?? 0, range?.end);
  for (let start = 0; start < wanted.length; start += CHUNK_BYTES) {
    throwIfAborted(key, signal);
    yield wanted.subarray(start, start + CHUNK_BYTES);
  }
}

function copyObject(objects: MemoryObjects, { sourceKey, key, bytes }: CopyRequest): ObjectInfo {
  const source = findOrThrow(objects, sourceKey);
  if (bytes !== undefined && bytes !== source.bytes.length) {
    const message = `Cannot copy "${sourceKey}": ${bytes} bytes were expected, it has ${source.bytes.length}`;
    throw new StorageError("corrupt", message, { key: sourceKey });
  }
  return put(objects, key, source.bytes);
}

async function readBody(key: string, body: ObjectBody, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of exactBytes(key, body, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** No await lies between this and put, so that of several writers one wins. */
function checkConditions(current: MemoryObject | undefined, key: string, options: WriteOptions = {}): void {
  if (options.retainUntil !== undefined) {
    throw new StorageError("unsupported", `Cannot write "${key}": memory storage has no retention locks`, { key });
  }
  if (options.ifAbsent && current !== undefined) {
    throw new StorageError("precondition", `Cannot write "${key}": it is there already`, { key });
  }
  if (options.ifMatch !== undefined && options.ifMatch !== current?.info.etag) throw otherVersion("write", key);
}

function otherVersion(action: string, key: string): StorageError {
  return new StorageError("precondition", `Cannot ${action} "${key}": it is not the version that was asked for`, {
    key,
  });
}

let version = 0;

function put(objects: MemoryObjects, key: string, bytes: Uint8Array): ObjectInfo {
  version += 1;
  const info = { key, bytes: bytes.length, etag: `${version}`, sha256: sha256Of(bytes), modifiedAt: new Date() };
  objects.set(key, { info, bytes });
  return info;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
