import type { Call, ObjectInfo, Storage } from "../core/contracts/storage.ts";

/** Every object below a prefix, in the order of their keys. */
export async function* objectsIn(storage: Storage, prefix: string, call: Call = {}): AsyncGenerator<ObjectInfo> {
  for await (const entry of storage.list(prefix, call)) if (entry.kind === "object") yield entry;
}

/** Whether anything is below a prefix. */
export async function hasObjects(storage: Storage, prefix: string, call: Call = {}): Promise<boolean> {
  for await (const _ of storage.list(prefix, call)) return true;
  return false;
}
