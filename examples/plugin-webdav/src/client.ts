import { Buffer } from "node:buffer";
import { StorageError, throwIfAborted } from "milvus-backup/plugin";
import type { Call, StorageErrorCode } from "milvus-backup/plugin";
import { parseMultistatus } from "./multistatus.ts";
import type { Entry } from "./multistatus.ts";

export interface ClientRequest extends Call {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ReadableStream<Uint8Array> | string;
  /** Statuses that are answers; all others are errors. */
  readonly expect: readonly number[];
}

export interface Client {
  /** The URL of a key; of "" that of the folder that holds everything. */
  urlOf(key: string): string;
  /** The caller reads the body to its end. */
  send(method: string, key: string, request: ClientRequest): Promise<Response>;
  /** Without the body; gives the status. */
  call(method: string, key: string, request: ClientRequest): Promise<number>;
  /** What is at the key; undefined when nothing is. */
  find(key: string, call?: Call): Promise<Entry | undefined>;
  /** What is in the folder; nothing when it is not there. */
  readFolder(folder: string, call?: Call): Promise<readonly Entry[]>;
}

const PROPERTIES =
  '<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/><getetag/><getlastmodified/></prop></propfind>';

export function createClient(place: {
  url: string;
  username?: string | undefined;
  password?: string | undefined;
}): Client {
  const base = new URL(place.url.replace(/\/*$/, "/"));
  const { username, password = "" } = place;
  const token = Buffer.from(`${username}:${password}`).toString("base64");
  const identity = username === undefined ? {} : { authorization: `Basic ${token}` };
  const urlOf = (key: string): string => base.href + key.split("/").map(encodeURIComponent).join("/");
  const send: Client["send"] = async (method, key, { headers, body, expect, signal }) => {
    throwIfAborted(key, signal);
    const init: RequestInit & { readonly duplex: "half" } = {
      method,
      headers: { ...identity, ...headers },
      duplex: "half", // what a stream as a body needs
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    };
    const response = await answer(fetch(urlOf(key), init), { method, key, signal });
    if (expect.includes(response.status)) return response;
    await response.body?.cancel();
    throw new StorageError(
      codeOf(response.status),
      `Cannot ${method} "${key}": the server answered ${response.status}`,
      { key },
    );
  };
  const propfind = async (key: string, depth: "0" | "1", call: Call = {}): Promise<readonly Entry[]> => {
    const headers = { depth, "content-type": "application/xml" };
    const response = await send("PROPFIND", key, { ...call, headers, body: PROPERTIES, expect: [207, 404, 405, 409] });
    const text = await response.text();
    return response.status === 207 ? parseMultistatus(text, base.pathname) : [];
  };
  return {
    urlOf,
    send,
    call: async (method, key, request) => {
      const { status, body } = await send(method, key, request);
      await body?.cancel();
      return status;
    },
    find: async (key, call) => (await propfind(key, "0", call))[0],
    readFolder: async (folder, call) => {
      const entries = await propfind(folder === "" ? "" : `${folder}/`, "1", call);
      return entries.filter(({ key }) => key !== folder);
    },
  };
}

async function answer(
  response: Promise<Response>,
  { method, key, signal }: { method: string; key: string } & Call,
): Promise<Response> {
  try {
    return await response;
  } catch (cause) {
    throwIfAborted(key, signal);
    throw new StorageError("unavailable", `Cannot ${method} "${key}": the server does not answer`, { key, cause });
  }
}

const CODES: ReadonlyMap<number, StorageErrorCode> = new Map([
  [401, "denied"],
  [403, "denied"],
  [404, "missing"],
  [409, "conflict"],
  [412, "precondition"],
  [423, "locked"],
  [429, "throttled"],
  [507, "full"],
]);

function codeOf(status: number): StorageErrorCode {
  return CODES.get(status) ?? (status >= 500 ? "unavailable" : "unsupported");
}
