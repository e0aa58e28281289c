import { Buffer } from "node:buffer";
import { createCipheriv } from "node:crypto";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { RESERVE_KEY } from "../format/keys.ts";
import { bytesBody } from "../io/body.ts";
import { deleteKeys } from "./delete-backup.ts";

/** Enough for a lock, the record of a deletion and a manifest, each written beside what it replaces. */
const RESERVE_BYTES = 128 * 1024;

/**
 * Keeps some room in a target for the day when it is full: a deletion writes who deletes what before anything goes, and
 * without room for that nothing could ever be deleted again.
 */
export async function keepReserve(storage: Storage, call: Call = {}): Promise<void> {
  if ((await storage.stat(RESERVE_KEY, call)) !== undefined) return;
  await storage.write(RESERVE_KEY, bytesBody(reserveBytes()), call);
}

/** The same everywhere, and nothing that a file system could store in fewer blocks, as it does with zeros. */
function reserveBytes(): Uint8Array {
  const keystream = createCipheriv("aes-256-ctr", Buffer.alloc(32), Buffer.alloc(16));
  return keystream.update(Buffer.alloc(RESERVE_BYTES));
}

/** The storage for who deletes there: the first write that finds no room gives up the reserve, and is tried again. */
export function spendingReserve(storage: Storage): Storage {
  return {
    ...storage,
    write: async (key, body, options) => {
      try {
        return await storage.write(key, body, options);
      } catch (error) {
        if (!isStorageError(error, "full") || !(await spendReserve(storage))) throw error;
        return await storage.write(key, body, options);
      }
    },
  };
}

async function spendReserve(storage: Storage): Promise<boolean> {
  if ((await storage.stat(RESERVE_KEY)) === undefined) return false;
  await deleteKeys(storage, [RESERVE_KEY]);
  return true;
}
