import { isStorageError } from "./contracts/storage.ts";
import type { StorageErrorCode } from "./contracts/storage.ts";
import { isBackupError, messageOf } from "./errors.ts";
import type { ErrorCode } from "./errors.ts";
import type { EventError } from "./events.ts";

/** An error as events, reports and stderr tell it. What is neither ours nor a storage's is a bug. */
export function toEventError(error: unknown): EventError {
  if (isBackupError(error)) return { code: error.code, message: messageOf(error), hint: error.hint };
  if (isStorageError(error)) return { code: STORAGE_CODES[error.code], message: messageOf(error), hint: error.hint };
  return { code: "bug", message: messageOf(error) };
}

/** What a storage's failure means to a run. */
const STORAGE_CODES: Readonly<Record<StorageErrorCode, ErrorCode>> = {
  missing: "damaged",
  denied: "denied",
  throttled: "unreachable",
  precondition: "failed",
  unavailable: "unreachable",
  full: "failed",
  corrupt: "damaged",
  conflict: "failed",
  unsupported: "failed",
  locked: "refused",
  aborted: "interrupted",
};
