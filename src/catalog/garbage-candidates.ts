import type { Call, Storage } from "../core/contracts/storage.ts";
import type { GarbageCandidate } from "../core/garbage.ts";
import { CANDIDATES_KEY, decodeCandidates, encodeCandidates } from "../format/garbage-file.ts";
import { bytesBody } from "../io/body.ts";
import { readTextIfThere } from "../io/read-if-there.ts";
import { deleteKeys } from "./delete-backup.ts";

/** What the last pass found in this target; nothing when there was none. */
export async function readCandidates(storage: Storage, call: Call = {}): Promise<readonly GarbageCandidate[]> {
  const text = await readTextIfThere(storage, CANDIDATES_KEY, call);
  return text === undefined ? [] : decodeCandidates(text);
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
