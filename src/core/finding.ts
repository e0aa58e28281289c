import type { ErrorCode } from "./errors.ts";

/** What a look at one thing has found: for people a line, for the exit status a code. */
export interface Finding {
  /** What was looked at: "source prod", "target nas". */
  readonly subject: string;
  /** What was asked of it. */
  readonly check: string;
  readonly status: "ok" | "warning" | "failed";
  readonly message: string;
  /** What to change. */
  readonly hint?: string | undefined;
  /** Of a failure. */
  readonly code?: ErrorCode | undefined;
}
