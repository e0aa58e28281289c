import type { MilvusErrorKind } from "./errors.ts";
import type { Status } from "./rpc.ts";

/** By `code`, which 2.3 and later set. */
const KIND_BY_CODE: ReadonlyMap<number, MilvusErrorKind> = new Map([
  [1, "not-ready"],
  [2, "not-ready"],
  [8, "rate-limited"],
  [10, "unsupported"],
  [100, "collection-not-found"],
  [200, "partition-not-found"],
  [600, "segment-not-found"],
  [700, "index-not-found"],
  [800, "database-not-found"],
  [1400, "denied"],
  [1401, "denied"],
  [1807, "rate-limited"],
]);

/** By `error_code`, all that 2.2 sets. */
const KIND_BY_ERROR_CODE: ReadonlyMap<number, MilvusErrorKind> = new Map([
  [3, "denied"],
  [4, "collection-not-found"],
  [25, "index-not-found"],
  [28, "collection-not-found"],
  [47, "segment-not-found"],
  [49, "rate-limited"],
  [56, "not-ready"],
]);

/** By the words of the reason, where the codes say no more than "unexpected". */
const KIND_BY_TEXT: readonly (readonly [RegExp, MilvusErrorKind])[] = [
  [/rate limit exceeded|request is rejected by grpc RateLimiter/i, "rate-limited"],
  [/auth check failure|permission deny|unauthenticated/i, "denied"],
  [/index not (found|exist)|index doesn't exist/i, "index-not-found"],
  [/segment not found/i, "segment-not-found"],
  [/partition not found/i, "partition-not-found"],
  [/database not found|database \S+ not found/i, "database-not-found"],
  [/collection not found|can't find collection/i, "collection-not-found"],
  [/already exist/i, "exists"],
  [/node not (match|found)/i, "not-ready"], // its nodes have restarted, and it has not noticed yet
];

/** By gRPC's own status: 1 cancelled, and not by us, 4 deadline exceeded, 7 permission denied, 8 resource exhausted, 12, 14 unavailable, 16. */
const KIND_BY_GRPC: ReadonlyMap<number, MilvusErrorKind> = new Map([
  [1, "unreachable"],
  [4, "timeout"],
  [7, "denied"],
  [8, "rate-limited"],
  [12, "unsupported"],
  [14, "unreachable"],
  [16, "denied"],
]);

const INTERNAL = 13;

/** What a status inside a reply says; undefined for success. */
export function kindOfStatus({ code, error_code, reason }: Status): MilvusErrorKind | undefined {
  if (code === 0 && error_code === 0) return undefined;
  return KIND_BY_CODE.get(code) ?? KIND_BY_ERROR_CODE.get(error_code) ?? kindOfText(reason) ?? "other";
}

/** The reason without the stacks of the server's goroutines, on one line. */
export function readableReason(reason: string): string {
  return reason.replaceAll(/stack trace: (?:\/\S+:\d+ \S+(?:\s+|$))+/g, "").replaceAll(/\s+/g, " ");
}

/** What gRPC's own failure of a request says. */
export function kindOfGrpc(code: number, details: string): MilvusErrorKind {
  if (/larger than max/i.test(details)) return "other"; // a message's size exhausts no resource that comes back
  if (code === INTERNAL && /RST_STREAM|without gRPC status/.test(details)) return "unreachable"; // the connection broke: the server said nothing
  return KIND_BY_GRPC.get(code) ?? kindOfText(details) ?? "other";
}

function kindOfText(text: string): MilvusErrorKind | undefined {
  return KIND_BY_TEXT.find(([pattern]) => pattern.test(text))?.[1];
}
