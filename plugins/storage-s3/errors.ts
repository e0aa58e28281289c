import { StorageError } from "../../src/plugin.ts";
import type { StorageErrorCode } from "../../src/plugin.ts";

interface Verdict {
  readonly code: StorageErrorCode;
  readonly hint?: string;
}

const CREDENTIALS_HINT =
  "set credentials or a profile in the storage's options, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
const BUCKET_HINT = "check the storage's bucket, endpoint and region";
const REGION_HINT = "check the storage's region";
const REGION_MISSING = "Region is missing";
const ARCHIVED_HINT = "the object is archived: have the service restore it first";

const DENIED_HINT =
  "check what the access key may do: reading needs s3:ListBucket and s3:GetObject, writing s3:PutObject and s3:DeleteObject";
const FULL_HINT = "free space on the service, or raise the bucket's quota";

const MISSING_BUCKET: Verdict = { code: "unavailable", hint: BUCKET_HINT };

/** By the error code of the protocol, which is the name of the SDK's error. */
const BY_NAME: Readonly<Record<string, Verdict>> = {
  AbortError: { code: "aborted" },
  NoSuchBucket: MISSING_BUCKET,
  InvalidBucketName: { code: "unavailable", hint: BUCKET_HINT },
  PermanentRedirect: { code: "unavailable", hint: REGION_HINT },
  AuthorizationHeaderMalformed: { code: "unavailable", hint: REGION_HINT },
  [REGION_MISSING]: { code: "unavailable", hint: REGION_HINT },
  InternalError: { code: "unavailable" }, // comes with status 200 where a copy fails late
  NoSuchUpload: { code: "unavailable" },
  RequestTimeout: { code: "unavailable" },
  IncompleteBody: { code: "unavailable" },
  OperationAborted: { code: "unavailable" },
  ConditionalRequestConflict: { code: "precondition" },
  SlowDown: { code: "throttled" },
  ThrottlingException: { code: "throttled" },
  RequestLimitExceeded: { code: "throttled" },
  AccessDenied: { code: "denied", hint: DENIED_HINT },
  CredentialsProviderError: { code: "denied", hint: CREDENTIALS_HINT },
  InvalidAccessKeyId: { code: "denied", hint: "check the access key id" },
  SignatureDoesNotMatch: { code: "denied", hint: "check the secret access key" },
  ExpiredToken: { code: "denied", hint: "the session credentials are over: get new ones" },
  RequestTimeTooSkewed: { code: "denied", hint: "set this machine's clock" },
  InvalidObjectState: { code: "unsupported", hint: ARCHIVED_HINT },
  ObjectLocked: { code: "locked" },
  QuotaExceeded: { code: "full", hint: FULL_HINT },
  XMinioStorageFull: { code: "full", hint: FULL_HINT },
  XMinioAdminBucketQuotaExceeded: { code: "full", hint: FULL_HINT },
  BadDigest: { code: "corrupt" },
  InvalidDigest: { code: "corrupt" },
  XAmzContentSHA256Mismatch: { code: "corrupt" },
  XAmzContentChecksumMismatch: { code: "corrupt" },
};

const BY_STATUS: Readonly<Record<number, StorageErrorCode>> = {
  301: "unavailable",
  401: "denied",
  403: "denied",
  404: "missing",
  405: "unsupported",
  408: "unavailable",
  412: "precondition",
  429: "throttled",
  501: "unsupported",
  503: "throttled",
  507: "full",
};

export interface Failure {
  readonly action: string;
  readonly key?: string | undefined;
  readonly bucket: string;
}

/** Turns what the SDK throws into a StorageError; what is not the service's or the network's is given back as it is. */
export function toStorageError(error: unknown, { action, key, bucket }: Failure): unknown {
  if (!(error instanceof Error) || !isOfService(error)) return error;
  const status = statusOf(error);
  const isBucketMissing = key === undefined && status === 404;
  const { code, hint } = isBucketMissing ? MISSING_BUCKET : verdictOf(error, status);
  const what = key === undefined ? `bucket ${bucket}` : `"${key}" in bucket ${bucket}`;
  const reason = isBucketMissing ? "there is no such bucket" : reasonOf(error, status);
  const retryAfterMs = code === "throttled" ? retryAfterOf(error) : undefined;
  return new StorageError(code, `Cannot ${action} ${what}: ${reason}`, {
    key,
    hint,
    retryAfterMs,
    cause: causeOf(error),
  });
}

/** Runs one call of the storage with the SDK's errors as StorageErrors. */
export async function guard<T>(failure: Failure, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toStorageError(error, failure);
  }
}

/** The HTTP status of the service's answer; 0 when there was none. */
export function statusOf(error: Error): number {
  if (!("$metadata" in error) || typeof error.$metadata !== "object" || error.$metadata === null) return 0;
  const { $metadata } = error;
  return "httpStatusCode" in $metadata && typeof $metadata.httpStatusCode === "number" ? $metadata.httpStatusCode : 0;
}

function verdictOf(error: Error, status: number): Verdict {
  if (status === 403 && /object[ -]?lock|retention|WORM/i.test(error.message)) return { code: "locked" };
  const code = BY_STATUS[status] ?? (status >= 400 && status < 500 ? "unsupported" : "unavailable");
  return BY_NAME[error.message === REGION_MISSING ? REGION_MISSING : error.name] ?? { code };
}

/** The answers to HEAD have no body, and so no message; a connection refused at several addresses has a code only. */
function reasonOf(error: Error, status: number): string {
  if (!["UnknownError", "Unknown", ""].includes(error.message)) return error.message;
  if (status > 0) return `HTTP status ${status}`;
  return "code" in error ? String(error.code) : error.name;
}

/** Whether the service, the network or the search for credentials failed; else it is a bug, or the caller's own error. */
function isOfService(error: Error): boolean {
  if (error.name === "StorageError") return false;
  if (statusOf(error) > 0 || Object.hasOwn(BY_NAME, error.name) || error.name === "TimeoutError") return true;
  return error.message === REGION_MISSING || ("code" in error && typeof error.code === "string");
}

function retryAfterOf(error: Error): number | undefined {
  if (!("$response" in error) || typeof error.$response !== "object" || error.$response === null) return undefined;
  if (!("headers" in error.$response) || typeof error.$response.headers !== "object") return undefined;
  const header = Object.entries(error.$response.headers ?? {}).find(([name]) => name.toLowerCase() === "retry-after");
  const seconds = Number(header?.[1]);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** Without what the SDK hangs on its errors: the reply to a wrong signature repeats the session token. */
function causeOf(error: Error): Error {
  const cause = new Error(error.message);
  cause.name = error.name;
  return cause;
}
