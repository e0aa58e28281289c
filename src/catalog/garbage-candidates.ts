import { Buffer } from "node:buffer";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import type { GarbageCandidate } from "../core/garbage.ts";
import { CANDIDATES_KEY, decodeCandidates, encodeCandidates } from "../format/garbage-file.ts";
import { bytesBody, readBytes } from "../io/body.ts";
import { deleteKeys } from "./delete-backup.ts";

/** What the last pass found in this target; nothing when there was none. */
export async function readCandidates(storage: Storage, call: Call = {}): Promise<readonly GarbageCandidate[]> {
  try {
    const { body } = await storage.read(CANDIDATES_KEY, call);
    return decodeCandidates(Buffer.from(await readBytes(body)).toString("utf8"));
  } catch (error) {
    if (isStorageError(error, "missing")) return [];
    throw error;
  }
}

/** In place of what an earlier pass found. */
export async function writeCandidates(
  storage: Storage,
  candidates: readonly GarbageCandidate[],
  call: Call = {},
): Promise<void> {
  if (candidates.length === 0) await deleteKeys(storage, [CANDIDATES_KEY], call);
  else await storage.write(CANDIDATES_KEY, bytesBody(encodeCandidates(candidates)), call);
}
