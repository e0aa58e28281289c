import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { readBytes } from "./body.ts";

/** The whole of a small object; undefined when there is none, or none any more. */
export async function readIfThere(storage: Storage, key: string, call: Call = {}): Promise<Uint8Array | undefined> {
  try {
    return await readBytes((await storage.read(key, call)).body);
  } catch (error) {
    if (isStorageError(error, "missing")) return undefined;
    throw error;
  }
}

/** The same as text. */
export async function readTextIfThere(storage: Storage, key: string, call: Call = {}): Promise<string | undefined> {
  const bytes = await readIfThere(storage, key, call);
  return bytes && new TextDecoder().decode(bytes);
}
