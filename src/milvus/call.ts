/** The one place that sends a request to Milvus and judges the reply. */
import type { Buffer } from "node:buffer";
import type { Client, Metadata, ServiceError } from "@grpc/grpc-js";
import { backoffMs, retry } from "../io/retry.ts";
import type { Clock } from "../io/clock.ts";
import { isMilvusError, MilvusError } from "./errors.ts";
import { methodOf, type MilvusService } from "./proto.ts";
import type { RpcName, RpcTypes, Status } from "./rpc.ts";
import { RPC_RULES } from "./rpc-rules.ts";
import { kindOfGrpc, kindOfStatus, readableReason } from "./status.ts";
import type { MilvusCall } from "./types.ts";

export interface RequestOptions extends MilvusCall {
  /** The database that the request is about; the server's default where absent. */
  readonly database?: string | undefined;
}

/** A reply with good status, and the bytes it came in. */
export interface RawReply<Name extends RpcName> {
  readonly reply: RpcTypes[Name]["reply"];
  readonly bytes: Uint8Array;
}

/**
 * Sends a request and resolves with its reply once its status says success; throws a MilvusError otherwise. What was
 * refused for its rate is sent again, what got no answer only if that is safe, both until the deadline.
 */
export type Caller = <Name extends RpcName>(
  name: Name,
  request: RpcTypes[Name]["request"],
  options?: RequestOptions,
) => Promise<RawReply<Name>>;

export interface Connection {
  readonly address: string;
  readonly client: Client;
  readonly service: MilvusService;
  readonly clock: Clock;
  /** Takes secrets out of what the server says. */
  readonly mask: (text: string) => string;
  /** No answer is waited for longer. */
  readonly answerMs: number;
  /** The headers of a request to this database: authorization, identifier, dbname. */
  readonly metadata: (database: string | undefined) => Metadata;
}

const UNANSWERED = { tries: 6, backoff: { firstMs: 100, maxMs: 5000 } };
/** The time itself was the wait. */
const OUT_OF_TIME = { firstMs: 100, maxMs: 100 };
const RATE_LIMITED = { tries: 12, backoff: { firstMs: 1000, maxMs: 30_000 } };

export function createCaller(connection: Connection): Caller {
  return (name, request, options = {}) => {
    const { signal, graceMs, deadline } = options;
    return retry(() => sendOnce(connection, { name, request, options }), {
      waitMs: (error, tries) => {
        const isOver = signal?.aborted && !isMilvusError(error, "rate-limited"); // of what was refused nothing became
        return isOver ? undefined : waitBeforeRetry(name, error, tries);
      },
      ...(graceMs === undefined ? { signal } : { waitSignal: signal }),
      deadline,
      clock: connection.clock,
    });
  };
}

/** A refusal for its rate means that nothing was done: any request can be sent again. */
function waitBeforeRetry(name: RpcName, error: unknown, tries: number): number | undefined {
  if (isMilvusError(error, "rate-limited")) return waitOf(RATE_LIMITED, tries);
  const { repeatable, waits } = RPC_RULES[name];
  if (!repeatable) return undefined;
  if (isMilvusError(error, "timeout")) return waitOf({ tries: waits, backoff: OUT_OF_TIME }, tries);
  return isMilvusError(error, "unreachable", "not-ready") ? waitOf(UNANSWERED, tries) : undefined;
}

function waitOf(rule: typeof UNANSWERED, tries: number): number | undefined {
  return tries < rule.tries ? backoffMs(tries, rule.backoff) : undefined;
}

interface Outgoing<Name extends RpcName> {
  readonly name: Name;
  readonly request: RpcTypes[Name]["request"];
  readonly options: RequestOptions;
}

async function sendOnce<Name extends RpcName>(
  connection: Connection,
  outgoing: Outgoing<Name>,
): Promise<RawReply<Name>> {
  const bytes = await exchange(connection, outgoing);
  const reply = methodOf(connection.service, outgoing.name).responseDeserialize(bytes);
  checkStatus(connection, outgoing, reply);
  return { reply: reply as RpcTypes[Name]["reply"], bytes }; // the proto file's word for the shape
}

/** Bytes to bytes, within the time limit, ended by the signal. */
function exchange(connection: Connection, outgoing: Outgoing<RpcName>): Promise<Uint8Array> {
  const { client, service, clock, answerMs } = connection;
  const { name, request, options } = outgoing;
  const { path, requestSerialize } = methodOf(service, name);
  const left = (options.deadline ?? Number.POSITIVE_INFINITY) - clock.now();
  const deadline = Date.now() + Math.min(RPC_RULES[name].timeoutMs, answerMs, Math.max(left, 1));
  const { signal, graceMs } = options;
  let isCalledBack = false;
  return new Promise((resolve, reject) => {
    const finish = (error: ServiceError | null, reply?: Buffer): void => {
      stopListening();
      if (signal?.aborted && graceMs === undefined) reject(signal.reason);
      else if (isCalledBack && error !== null) reject(outwaited(connection, outgoing));
      else if (error !== null) reject(failureOf(connection, outgoing, error));
      else resolve(reply ?? new Uint8Array());
    };
    const metadata = connection.metadata(options.database);
    const body = withDatabase(request, options.database);
    const call = client.makeUnaryRequest(path, requestSerialize, asIs, body, metadata, { deadline }, finish);
    const stopListening = onStop(options, () => {
      isCalledBack = true;
      call.cancel();
    });
  });
}

/** Cancels when the signal aborts, or so long after it; gives back what ends the listening. */
function onStop({ signal, graceMs }: MilvusCall, cancel: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    if (graceMs === undefined) cancel();
    else timer = setTimeout(cancel, graceMs);
  };
  if (signal?.aborted) stop();
  else signal?.addEventListener("abort", stop, { once: true });
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  };
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

/** Servers differ in whether header or field counts, so both are set; a message without the field ignores it. */
function withDatabase(request: object, database: string | undefined): object {
  return database === undefined ? request : { db_name: database, dbName: database, ...request };
}

/** Some replies are a status, the others hold one; a reply that should hold one and does not is no success. */
function checkStatus(
  connection: Connection,
  outgoing: Outgoing<RpcName>,
  reply: Readonly<Record<string, unknown>>,
): void {
  const status = ("status" in reply ? reply["status"] : reply) as Status | null; // by the proto file
  if (status === null) {
    throw new MilvusError("empty-reply", `${subject(connection, outgoing)} was answered with nothing`, {
      hint: "Is this a Milvus server, and of a supported version (2.2.9 to 2.6)?",
    });
  }
  const kind = kindOfStatus(status);
  if (kind === undefined) return;
  const facts = { rpc: outgoing.name, milvusCode: status.code, milvusErrorCode: status.error_code };
  const why = status.reason === "" ? `code ${status.code || status.error_code}` : readableReason(status.reason);
  throw new MilvusError(kind, `${subject(connection, outgoing)} failed: ${connection.mask(why)}`, { facts });
}

function failureOf(connection: Connection, outgoing: Outgoing<RpcName>, error: ServiceError): MilvusError {
  const kind = kindOfGrpc(error.code, error.details);
  const facts = { rpc: outgoing.name, grpcCode: error.code };
  const why = readableReason(error.details).replace(/\.? Resolution note: $/, ""); // gRPC's, with nothing to note
  const message = `${subject(connection, outgoing)} failed: ${connection.mask(why)}`;
  return new MilvusError(kind, message, { hint: hintOf(kind), facts });
}

/** What became of it nobody knows: as with any answer that did not come in time. */
function outwaited(connection: Connection, { options, ...outgoing }: Outgoing<RpcName>): MilvusError {
  const seconds = Math.round((options.graceMs ?? 0) / 1000);
  const about = subject(connection, { options, ...outgoing });
  return new MilvusError("timeout", `${about} was not answered in the ${seconds} s after the run was stopped`, {
    facts: { rpc: outgoing.name },
  });
}

function hintOf(kind: MilvusError["kind"]): string | undefined {
  if (kind === "unreachable") return "Is Milvus up, is the address right, and does the server want TLS (or not)?";
  if (kind === "denied") return "Check the user name and password or the token, and the user's privileges";
  return undefined;
}

function subject({ address }: Connection, { name, request, options }: Outgoing<RpcName>): string {
  const collection = "collection_name" in request ? [request.collection_name] : [];
  const about = [options.database, ...collection].filter((part) => part !== undefined).join(".");
  return about === "" ? `${name} on Milvus at ${address}` : `${name} of "${about}" on Milvus at ${address}`;
}
