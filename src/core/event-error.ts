import { isStorageError } from "./contracts/storage.ts";
import type { StorageErrorCode } from "./contracts/storage.ts";
import { isBackupError, messageOf } from "./errors.ts";
import type { ErrorCode } from "./errors.ts";
import type { EventError } from "./events.ts";

/** An error as events, reports and stderr tell it. What is neither ours, nor a storage's, nor Deno's refusal is a bug. */
export function toEventError(error: unknown): EventError {
  if (isBackupError(error)) return { code: error.code, message: messageOf(error), hint: error.hint };
  if (isStorageError(error)) return { code: STORAGE_CODES[error.code], message: messageOf(error), hint: error.hint };
  if (isSuppressed(error)) {
    const first = toEventError(error.suppressed);
    return { ...first, message: `${first.message}; then ${messageOf(error.error)}` };
  }
  // Deno's word for what it was not permitted; its message ends with the flag to run it with
  if (error instanceof Error && error.name === "NotCapable") return { code: "denied", message: messageOf(error) };
  return { code: "bug", message: messageOf(error) };
}

/** What `await using` throws when closing fails after the work has failed: the work's error is the one that matters. */
function isSuppressed(error: unknown): error is { readonly error: unknown; readonly suppressed: unknown } {
  return error instanceof Error && error.name === "SuppressedError" && "error" in error && "suppressed" in error;
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
