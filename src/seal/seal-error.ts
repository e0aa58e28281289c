export type SealErrorCode = "damaged" | "denied";

/** What is sealed cannot be opened: it is not as it was sealed, or the identities are not those that it was sealed to. */
export class SealError extends Error {
  override readonly name = "SealError";
  readonly code: SealErrorCode;

  constructor(code: SealErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

export function isSealError(error: unknown): error is SealError {
  return error instanceof Error && error.name === "SealError" && "code" in error;
}
