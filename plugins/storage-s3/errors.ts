import { StorageError } from "../../src/plugin.ts";
import type { StorageErrorCode } from "../../src/plugin.ts";

interface Verdict {
  readonly code: StorageErrorCode;
  readonly hint?: string;
}

const CREDENTIALS_HINT = "set credentials or a profile in the storage's options, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
const BUCKET_HINT = "check the storage's bucket, endpoint and region";
const REGION_HINT = "check the storage's region";
const ARCHIVED_HINT = "the object is archived: have the service restore it first";

const MISSING_BUCKET: Verdict = { code: "unavailable", hint: BUCKET_HINT };

/** By the error code of the protocol, which is the name of the SDK's error. */
const BY_NAME: Readonly<Record<string, Verdict>> = {
  AbortError: { code: "aborted" },
  NoSuchBucket: MISSING_BUCKET,
  InvalidBucketName: { code: "unavailable", hint: BUCKET_HINT },
  PermanentRedirect: { code: "unavailable", hint: REGION_HINT },
  AuthorizationHeaderMalformed: { code: "unavailable", hint: REGION_HINT },
  NoSuchUpload: { code: "unavailable" },
  RequestTimeout: { code: "unavailable" },
  IncompleteBody: { code: "unavailable" },
  OperationAborted: { code: "unavailable" },
  ConditionalRequestConflict: { code: "precondition" },
  SlowDown: { code: "throttled" },
  ThrottlingException: { code: "throttled" },
  RequestLimitExceeded: { code: "throttled" },
  CredentialsProviderError: { code: "denied", hint: CREDENTIALS_HINT },
  InvalidAccessKeyId: { code: "denied", hint: "check the access key id" },
  SignatureDoesNotMatch: { code: "denied", hint: "check the secret access key" },
  ExpiredToken: { code: "denied", hint: "the session credentials are over: get new ones" },
  RequestTimeTooSkewed: { code: "denied", hint: "set this machine's clock" },
  InvalidObjectState: { code: "unsupported", hint: ARCHIVED_HINT },
  ObjectLocked: { code: "locked" },
  QuotaExceeded: { code: "full" },
  XMinioStorageFull: { code: "full" },
  XMinioAdminBucketQuotaExceeded: { code: "full" },
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
  if (!(error instanceof Error) || error.name === "StorageError") return error;
  const status = statusOf(error);
  if (status === undefined && !isOfNetwork(error)) return error;
  const { code, hint } = key === undefined && status === 404 ? MISSING_BUCKET : verdictOf(error, status);
  const what = key === undefined ? `bucket ${bucket}` : `"${key}" in bucket ${bucket}`;
  const reason = status === 404 && key === undefined ? "there is no such bucket" : reasonOf(error, status);
  const retryAfterMs = code === "throttled" ? retryAfterOf(error) : undefined;
  return new StorageError(code, `Cannot ${action} ${what}: ${reason}`, { key, hint, retryAfterMs, cause: causeOf(error) });
}

/** Runs one call of the storage with the SDK's errors as StorageErrors. */
export async function guard<T>(failure: Failure, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toStorageError(error, failure);
  }
}

function verdictOf(error: Error, status: number | undefined): Verdict {
  if (/object[ -]?lock|retention|WORM/i.test(error.message) && status === 403) return { code: "locked" };
  const byName = BY_NAME[error.name];
  if (byName !== undefined) return byName;
  if (error.message.includes("Region is missing")) return { code: "unavailable", hint: REGION_HINT };
  if (status === undefined || status >= 500 || status < 400) return { code: BY_STATUS[status ?? 0] ?? "unavailable" };
  return { code: BY_STATUS[status] ?? "unsupported" };
}

/** The answers to HEAD have no body, and so no message. */
function reasonOf({ message }: Error, status: number | undefined): string {
  return ["UnknownError", "Unknown", ""].includes(message) ? `HTTP status ${status}` : message;
}

function statusOf(error: Error): number | undefined {
  if (!("$metadata" in error) || typeof error.$metadata !== "object" || error.$metadata === null) return undefined;
  const { $metadata } = error;
  return "httpStatusCode" in $metadata && typeof $metadata.httpStatusCode === "number" ? $metadata.httpStatusCode : 0;
}

function isOfNetwork(error: Error): boolean {
  if (["AbortError", "TimeoutError", "CredentialsProviderError"].includes(error.name)) return true;
  return error.message.includes("Region is missing") || ("code" in error && typeof error.code === "string");
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
