import { defineStorage, isStorageError, throwIfAborted } from "milvus-backup/plugin";
import type {
  Call,
  DeleteResult,
  Storage,
  StorageCapabilities,
  StorageError,
  StoragePlugin,
} from "milvus-backup/plugin";
import { z } from "zod";
import { createClient } from "./client.ts";
import type { Client } from "./client.ts";
import { listObjects } from "./list.ts";
import { readObject } from "./read.ts";
import { createFolders, writeObject } from "./write.ts";

export interface WebdavOptions {
  /** Of the folder that holds everything; it must be there. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

const options: z.ZodType<WebdavOptions, WebdavOptions> = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "expected a URL with http or https" }),
  username: z.string().min(1).optional(),
  password: z.string().min(1).optional(),
});

const capabilities: StorageCapabilities = {
  ifAbsent: false,
  ifMatch: false,
  serverCopy: false,
  link: false,
  checksums: [],
  versioning: false,
  objectLock: false,
};

/** Keeps objects as files of a WebDAV server. */
export const webdav: StoragePlugin = defineStorage({
  apiVersion: 1,
  name: "webdav",
  options,
  open: async (given) => openWebdav(given),
});

function openWebdav(given: WebdavOptions): Storage {
  const client = createClient(given);
  const folders = createFolders(client);
  const { origin, pathname } = new URL(given.url);
  return {
    location: { type: "webdav", endpoint: origin, path: pathname, account: given.username, prefix: "" },
    capabilities,
    stat: async (key, call) => {
      const found = await client.find(key, call);
      return found?.kind === "object" ? found.info : undefined;
    },
    read: (key, call) => readObject(client, key, call),
    write: (key, body, call) => writeObject({ client, folders }, { key, body, call }),
    list: (prefix, call) => listObjects(client, prefix, call),
    delete: (keys, call) => deleteObjects(client, keys, call),
    [Symbol.asyncDispose]: async () => {},
  };
}

const DELETES_AT_ONCE = 8;

async function deleteObjects(client: Client, keys: readonly string[], call?: Call): Promise<DeleteResult> {
  throwIfAborted(keys[0] ?? "", call?.signal);
  const failures = new Map<string, StorageError>();
  const left = keys.values();
  const work = async (): Promise<void> => {
    for (const key of left) {
      try {
        await deleteObject(client, key, call);
      } catch (error) {
        if (!isStorageError(error) || error.code === "aborted") throw error;
        failures.set(key, error);
      }
    }
  };
  await Promise.all(Array.from({ length: DELETES_AT_ONCE }, work));
  const failed = Array.from(failures, ([key, error]) => ({ key, error }));
  return { deleted: keys.filter((key) => !failures.has(key)), failed, retained: [] };
}

/** DELETE of a folder would take all that is below it, so what is no file is left alone. */
async function deleteObject(client: Client, key: string, call?: Call): Promise<void> {
  const found = await client.find(key, call);
  if (found?.kind === "object") await client.call("DELETE", key, { ...call, expect: [200, 204, 404] });
}
