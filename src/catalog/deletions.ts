import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import { deletionKey, encodeDeletion } from "../format/deletion.ts";
import type { DeletionRecord } from "../format/deletion.ts";
import { bytesBody } from "../io/body.ts";

/** Keeps in the target who deletes what and why, before anything goes; what cannot be recorded is not to be deleted. */
export async function recordDeletion(storage: Storage, record: DeletionRecord, call: Call = {}): Promise<void> {
  try {
    await storage.write(deletionKey(record), bytesBody(encodeDeletion(record)), call);
  } catch (cause) {
    call.signal?.throwIfAborted();
    const { code } = toEventError(cause);
    throw new BackupError(code, `Cannot delete ${record.backup}: who deletes it and why cannot be recorded`, { cause });
  }
}
