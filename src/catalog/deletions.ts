import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import { deletionKey, encodeDeletion, garbageRecordKey } from "../format/deletion.ts";
import type { DeletionRecord, GarbageRecord } from "../format/deletion.ts";
import { bytesBody } from "../io/body.ts";

/** Keeps in the target who deletes what and why, before anything goes; what cannot be recorded is not to be deleted. */
export async function recordDeletion(storage: Storage, record: DeletionRecord, call: Call = {}): Promise<void> {
  await write(storage, { key: deletionKey(record), what: record.backup, text: encodeDeletion(record) }, call);
}

/** The same of what is nobody's; the number is the record's among those of its run. */
export async function recordGarbage(
  storage: Storage,
  { number, ...record }: GarbageRecord & { readonly number: number },
  call: Call = {},
): Promise<void> {
  const key = garbageRecordKey(record, number);
  await write(storage, { key, what: record.garbage, text: encodeDeletion(record) }, call);
}

interface Recorded {
  readonly key: string;
  readonly what: string;
  readonly text: string;
}

async function write(storage: Storage, { key, what, text }: Recorded, call: Call): Promise<void> {
  try {
    await storage.write(key, bytesBody(text), call);
  } catch (cause) {
    call.signal?.throwIfAborted();
    const { code, hint } = toEventError(cause);
    throw new BackupError(code, `Cannot delete ${what}: who deletes it and why cannot be recorded`, { cause, hint });
  }
}
