import { BackupError, type BackupErrorOptions, type ErrorCode } from "../core/errors.ts";

/** What went wrong, as far as anyone acts on it. */
export type MilvusErrorKind =
  | "unreachable"
  | "timeout"
  | "denied"
  | "unsupported"
  | "empty-reply"
  | "not-ready"
  | "rate-limited"
  | "database-not-found"
  | "collection-not-found"
  | "partition-not-found"
  | "segment-not-found"
  | "index-not-found"
  | "exists"
  | "import-failed"
  | "import-stalled"
  | "other";

const CODES: { readonly [Kind in MilvusErrorKind]: ErrorCode } = {
  unreachable: "unreachable",
  timeout: "unreachable",
  denied: "denied",
  unsupported: "unreachable",
  "empty-reply": "unreachable",
  "not-ready": "unreachable",
  "rate-limited": "failed",
  "database-not-found": "not-found",
  "collection-not-found": "not-found",
  "partition-not-found": "not-found",
  "segment-not-found": "failed",
  "index-not-found": "not-found",
  exists: "refused",
  "import-failed": "failed",
  "import-stalled": "failed",
  other: "failed",
};

/** A BackupError (also by name) that says which request failed and how, so that callers need not read its message. */
export class MilvusError extends BackupError {
  readonly kind: MilvusErrorKind;

  constructor(kind: MilvusErrorKind, message: string, options: BackupErrorOptions = {}) {
    super(CODES[kind], message, options);
    this.kind = kind;
  }
}

export function isMilvusError(error: unknown, ...kinds: readonly MilvusErrorKind[]): error is MilvusError {
  return error instanceof MilvusError && (kinds.length === 0 || kinds.includes(error.kind));
}
