/** What each error code means to the shell: the exit status, in the order of the design's table. */
export const EXIT_STATUS = {
  failed: 1,
  usage: 2,
  partial: 3,
  damaged: 4,
  overdue: 5,
  "not-found": 10,
  locked: 11,
  denied: 12,
  invalid: 13,
  unreachable: 14,
  refused: 15,
  bug: 70,
  skipped: 75,
  interrupted: 130,
  terminated: 143,
} as const;

export type ErrorCode = keyof typeof EXIT_STATUS;

/** 0, or one of EXIT_STATUS. */
export type ExitStatus = 0 | (typeof EXIT_STATUS)[ErrorCode];

/** Of several statuses the first one found here is returned. */
const WORST_FIRST: readonly ExitStatus[] = [70, 130, 143, 4, 1, 14, 12, 3, 15, 11, 13, 10, 5, 2, 75, 0];

export interface BackupErrorOptions {
  readonly cause?: unknown;
  /** What to do next, in one line. */
  readonly hint?: string | undefined;
  /** The facts of the case, as data: never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/**
 * An error that an operator must see: a sentence without a period (what could not be done, to what, then why), a code
 * that decides the exit status, and where there is one, the next step.
 */
export class BackupError extends Error {
  override readonly name = "BackupError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: BackupErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.facts = options.facts ?? {};
  }
}

/** By name, not by class: two copies of the package (npm beside JSR) are two classes. */
export function isBackupError(error: unknown): error is BackupError {
  return error instanceof Error && error.name === "BackupError" && "code" in error && typeof error.code === "string";
}

/** The exit status that stands for all of them; 0 when there are none. */
export function worstStatus(statuses: readonly ExitStatus[]): ExitStatus {
  return WORST_FIRST.find((status) => statuses.includes(status)) ?? 0;
}

/** The message of an error and of its causes, each said once, for people. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : messageOf(error.cause);
  return cause === "" || error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
