/** Milvus's own HTTP port for operators, which its metrics are on as well: the only way to its garbage collection. */
import { Buffer } from "node:buffer";
import { systemClock, type Clock } from "../io/clock.ts";
import { backoffMs, retry } from "../io/retry.ts";
import type { MilvusAuth } from "./credentials.ts";
import { isMilvusError, MilvusError, type MilvusErrorKind } from "./errors.ts";
import { readableReason } from "./status.ts";
import type { MilvusCall } from "./types.ts";

export interface ManagementOptions {
  /** Without credentials; what is asked for is put behind it. */
  readonly url: string;
  /** Asked for when it is needed. */
  readonly auth?: ((call: MilvusCall) => Promise<MilvusAuth | undefined>) | undefined;
  /** Takes secrets out of what the server says. */
  readonly mask?: ((text: string) => string) | undefined;
  readonly clock?: Clock | undefined;
}

/** Each throws a MilvusError that says what the server answered, or that it did not. */
export interface Management {
  readonly url: string;
  /** Whether a pause can be had: asks for one without a length, which every server that knows pauses refuses as such. */
  checkGcPause(call?: MilvusCall): Promise<void>;
  /** Pauses it for so long. The ticket ends this pause and no other; a server without tickets (before 2.6.8) has one for all. */
  pauseGc(seconds: number, call?: MilvusCall): Promise<string | undefined>;
  /** Ends the pause with this ticket; without one, whoever asked for it. */
  resumeGc(ticket: string | undefined, call?: MilvusCall): Promise<void>;
}

const ROUTE = "/management/datacoord/garbage_collection/";
/** A pause is answered once the collector has heard of it, which it does between two deletions. */
const REQUEST_TIMEOUT_MS = 30_000;
const TRIES = 4;
const BACKOFF = { firstMs: 200, maxMs: 2000 };

export function createManagement(options: ManagementOptions): Management {
  const { url, clock = systemClock } = options;
  const ask = (path: string, call: MilvusCall): Promise<Answer> =>
    retry(() => askOnce(options, path, call), { ...call, clock, waitMs: waitAfter });
  return {
    url,
    checkGcPause: async (call = {}) => {
      const { status, message } = await ask("pause", call);
      if (status !== 500 || !/garbage collection/i.test(message)) throw failure(options, "pause", { status, message });
    },
    pauseGc: async (seconds, call = {}) => {
      // collection 0 is all of them: a ticket that is made for none cannot be given back (milvus-io/milvus#53591)
      const answer = await ask(`pause?pause_seconds=${seconds}&collection_id=0`, call);
      if (!isOk(answer)) throw failure(options, "pause", answer);
      return answer.ticket;
    },
    resumeGc: async (ticket, call = {}) => {
      const answer = await ask(ticket === undefined ? "resume" : `resume?ticket=${encodeURIComponent(ticket)}`, call);
      const isNothingPaused = answer.status === 500 && /collection not enabled/i.test(answer.message);
      if (!isOk(answer) && !isNothingPaused) throw failure(options, "resume", answer);
    },
  };
}

interface Answer {
  readonly status: number;
  readonly message: string;
  readonly ticket?: string | undefined;
}

/** Another server may say 200 to everything. */
function isOk({ status, message }: Answer): boolean {
  return status === 200 && message === "OK";
}

/** All of them can be sent again; what was answered is not better for being asked twice. */
function waitAfter(error: unknown, tries: number): number | undefined {
  return isMilvusError(error, "unreachable") && tries < TRIES ? backoffMs(tries, BACKOFF) : undefined;
}

async function askOnce(options: ManagementOptions, path: string, call: MilvusCall): Promise<Answer> {
  const { url, clock = systemClock } = options;
  const left = (call.deadline ?? Number.POSITIVE_INFINITY) - clock.now();
  const patience = AbortSignal.timeout(Math.min(REQUEST_TIMEOUT_MS, Math.max(left, 1)));
  const signal = call.signal === undefined ? patience : AbortSignal.any([call.signal, patience]);
  const headers = authorizationOf(await options.auth?.(call));
  try {
    const response = await fetch(`${url.replace(/\/$/, "")}${ROUTE}${path}`, { headers, signal, redirect: "manual" });
    return { status: response.status, ...readAnswer(await readStart(response)) };
  } catch (cause) {
    call.signal?.throwIfAborted();
    const [kind, why] = patience.aborted
      ? (["timeout", "did not answer in time"] as const)
      : (["unreachable", "cannot be reached"] as const);
    throw new MilvusError(kind, `Milvus's management port at ${url} ${why}`, {
      cause: causeOf(cause),
      hint: HINTS[kind],
      facts: { url },
    });
  }
}

/** fetch() says no more than that it failed; what it failed of is inside. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

function authorizationOf(auth: MilvusAuth | undefined): Record<string, string> {
  if (auth === undefined) return {};
  const secret = "token" in auth ? auth.token : `${auth.username}:${auth.password}`;
  const isPair = secret.includes(":");
  return { authorization: isPair ? `Basic ${Buffer.from(secret).toString("base64")}` : `Bearer ${secret}` };
}

/** More than this is no answer to any of these questions. */
const MAX_BYTES = 64 * 1024;

async function readStart(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes >= MAX_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, MAX_BYTES);
}

/** `{"msg":"OK","ticket":"…"}`, or the ticket in `data`; what is no such object is quoted as it is. */
function readAnswer(text: string): Omit<Answer, "status"> {
  const body = parseObject(text);
  if (typeof body?.["msg"] !== "string") return { message: text };
  const inData = typeof body["data"] === "object" ? (body["data"] as Record<string, unknown> | null) : null;
  const ticket = body["ticket"] ?? inData?.["ticket"];
  return { message: body["msg"], ...(typeof ticket === "string" && ticket !== "" && { ticket }) };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const HINTS: Readonly<Partial<Record<MilvusErrorKind, string>>> = {
  unreachable: "set management of the source to where Milvus serves its metrics, port 9091 unless told",
  timeout: "is management of the source the port of this Milvus's metrics?",
  unsupported: "is management of the source the port of this Milvus's metrics? Milvus before 2.3.6 knows no pause",
  denied: "give management of the source an auth, of the user root",
};

/** What a status other than "OK" means. */
function failure({ url, mask = (text) => text }: ManagementOptions, what: string, answer: Answer): MilvusError {
  const { status, message } = answer;
  const kind = KIND_BY_STATUS.get(status) ?? "other";
  const said = readableReason(mask(message)).slice(0, 200).trim();
  const why = kind === "unsupported" || said === "" ? "" : `: ${said}`;
  return new MilvusError(kind, `Milvus's management port at ${url} answers ${status} to ${what}${why}`, {
    hint: HINTS[kind],
    facts: { url, status },
  });
}

const KIND_BY_STATUS: ReadonlyMap<number, MilvusErrorKind> = new Map([
  [401, "denied"],
  [403, "denied"],
  [404, "unsupported"],
]);
