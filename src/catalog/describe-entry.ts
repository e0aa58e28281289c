import type { Call, Storage } from "../core/contracts/storage.ts";
import { isBackupError, messageOf } from "../core/errors.ts";
import type { ErrorCode } from "../core/errors.ts";
import { TOOL_NAME } from "../core/version.ts";
import { MANIFEST_KEY } from "../format/keys.ts";
import type { BackupEntry } from "./entry.ts";
import { listMeta } from "./meta-files.ts";
import { readEntry } from "./read-entry.ts";

/** What a backup's own files can be guilty of: damage, a format that is not known, one file gone beside another. */
const ITS_OWN_FAULTS: ReadonlySet<ErrorCode> = new Set(["damaged", "refused", "not-found"]);

/** As readEntry, but one whose metadata cannot be read is failed, with the reason: it can be listed and deleted. */
export async function describeEntry(storage: Storage, name: string, call: Call = {}): Promise<BackupEntry | undefined> {
  try {
    return await readEntry(storage, name, call);
  } catch (error) {
    if (!isBackupError(error) || !ITS_OWN_FAULTS.has(error.code)) throw error;
    const isOurs = (await listMeta(storage, name, call)).has(MANIFEST_KEY);
    const madeBy = isOurs ? TOOL_NAME : "go";
    return { name, state: "failed", madeBy, startedAt: null, bytes: 0, collections: 0, reason: messageOf(error) };
  }
}
