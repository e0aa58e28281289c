import { createHash } from "node:crypto";
import { checkSha256, exactBytes, isStorageError, StorageError } from "milvus-backup/plugin";
import type { Call, ObjectBody, ObjectInfo, WriteOptions } from "milvus-backup/plugin";
import type { Client } from "./client.ts";
import { listObjects } from "./list.ts";
import { newUploadName } from "./upload-name.ts";

/** Makes the folders that a key needs, each once. */
export interface Folders {
  make(key: string, call: Call): Promise<void>;
  /** Somebody may have removed them. */
  forget(): void;
}

export function createFolders(client: Client): Folders {
  const made = new Map<string, Promise<unknown>>();
  return {
    make: async (key, call) => {
      const parts = key.split("/").slice(0, -1);
      for (const [index] of parts.entries()) {
        const folder = parts.slice(0, index + 1).join("/");
        const making = made.get(folder) ?? client.call("MKCOL", folder, { ...call, expect: [201, 405] });
        made.set(folder, making);
        await making;
      }
    },
    forget: () => made.clear(),
  };
}

interface Place {
  readonly client: Client;
  readonly folders: Folders;
}

interface Write {
  readonly key: string;
  readonly body: ObjectBody;
  readonly call: (WriteOptions & Call) | undefined;
}

/** Whole under its key, or not there: it is uploaded beside it, and moved when every byte has come. */
export async function writeObject({ client, folders }: Place, { key, body, call = {} }: Write): Promise<ObjectInfo> {
  if (call.ifAbsent || call.ifMatch !== undefined || call.retainUntil !== undefined)
    throw new StorageError("unsupported", `Cannot write "${key}": WebDAV has no conditions and no retention`, { key });
  const upload = newUploadName();
  try {
    const sha256 = await putObject(client, upload, { key, body, call });
    checkSha256(key, body, sha256);
    await move({ client, folders }, { upload, key, call });
    const found = await client.find(key, call);
    if (found?.kind !== "object" || found.info.bytes !== body.size)
      throw new StorageError("corrupt", `Cannot write "${key}": the server does not have what was sent`, { key });
    return { ...found.info, sha256 };
  } catch (error) {
    await removeUpload(client, upload);
    throw error;
  }
}

async function putObject(client: Client, upload: string, { key, body, call }: Write): Promise<string> {
  const hash = createHash("sha256");
  let failure: unknown;
  const send = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of exactBytes(key, body, call?.signal)) {
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      failure = error; // fetch would tell of it as of a network that broke
      throw error;
    }
  };
  try {
    const stream = body.size === 0 ? "" : streamOf(send());
    if (body.size === 0) for await (const _ of send()); // an empty stream is no body to some servers
    await client.call("PUT", upload, { ...call, body: stream, expect: [200, 201, 204] });
    return hash.digest("hex");
  } catch (error) {
    throw failure ?? error;
  }
}

function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await chunks.return(undefined)),
  });
}

interface Move {
  readonly upload: string;
  readonly key: string;
  readonly call: Call;
}

/** MOVE onto a folder would remove all that is in it: it replaces nothing before that was looked at. */
async function move(place: Place, { upload, key, call }: Move): Promise<void> {
  const { client, folders } = place;
  const attempt = async (overwrite: "T" | "F", expect: readonly number[]): Promise<number> => {
    await folders.make(key, call);
    const headers = { destination: client.urlOf(key), overwrite };
    return client.call("MOVE", upload, { ...call, headers, expect });
  };
  const status = await attempt("F", [201, 204, 404, 409, 412]);
  if (status < 300) return;
  if (status === 412) await makeRoom(place, key, call);
  folders.forget(); // a folder that was there is gone
  await attempt("T", [201, 204]);
}

/** A folder where the key goes: an empty one is what deleted objects left behind, another is in the way. */
async function makeRoom({ client }: Place, key: string, call: Call): Promise<void> {
  const found = await client.find(key, call);
  if (found?.kind !== "folder") return;
  for await (const { kind } of listObjects(client, `${key}/`, call)) {
    const reason = `there is a folder of that name, with an ${kind} in it`;
    throw new StorageError("conflict", `Cannot write "${key}": ${reason}`, { key });
  }
  await client.call("DELETE", key, { ...call, expect: [200, 204, 404] });
}

const REMOVE_TIMEOUT_MS = 10_000;

/** Also when the write was aborted. What failed before says more than that an upload is left, which no list shows. */
async function removeUpload(client: Client, upload: string): Promise<void> {
  try {
    const signal = AbortSignal.timeout(REMOVE_TIMEOUT_MS);
    await client.call("DELETE", upload, { signal, expect: [200, 204, 404] });
  } catch (error) {
    if (!isStorageError(error)) throw error;
  }
}
