import { Buffer } from "node:buffer";
import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { getGRPCService } from "@zilliz/milvus2-sdk-node";
import { connectMilvus, type ConnectOptions } from "../../src/milvus/connect.ts";
import type { RpcName } from "../../src/milvus/rpc.ts";
import type { MilvusSession } from "../../src/milvus/session.ts";

export interface FakeRequest {
  readonly rpc: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Milliseconds left when it arrived. */
  readonly timeoutMs: number;
}

/** Gives a reply (bytes: sent as they are), or throws what grpcFailure makes. */
export type FakeHandler = (request: Readonly<Record<string, unknown>>) => object | Promise<object>;
export type FakeHandlers = Partial<Record<RpcName, FakeHandler>>;

export interface FakeMilvus extends AsyncDisposable {
  readonly address: string;
  readonly requests: readonly FakeRequest[];
  /** The requests of one kind, as they were decoded. */
  readonly sent: (rpc: RpcName) => readonly Readonly<Record<string, unknown>>[];
}

export interface FakeOptions {
  /** What Connect and GetVersion say. */
  readonly version?: string | undefined;
  readonly credentials?: ServerCredentials;
}

/** A reply whose status says success. */
export function ok(reply: object = {}): object {
  return { status: { code: 0 }, ...reply };
}

/** A reply whose status says what went wrong. */
export function refused(code: number, reason: string): object {
  return { status: { code, error_code: 1, reason } };
}

export function grpcFailure(code: keyof typeof status, details: string): Error {
  return Object.assign(new Error(details), { code: status[code], details });
}

/** Replies to the first calls one after another; the last one stays. */
export function inTurn(...handlers: readonly FakeHandler[]): FakeHandler {
  let calls = 0;
  return (request) => {
    const handler = handlers[Math.min(calls, handlers.length - 1)];
    calls += 1;
    if (handler === undefined) throw new TypeError("inTurn needs a handler");
    return handler(request);
  };
}

/** A Milvus that answers only what the test says; everything else is UNIMPLEMENTED, as on an older server. */
export async function startFakeMilvus(handlers: FakeHandlers = {}, options: FakeOptions = {}): Promise<FakeMilvus> {
  const { version = "v2.6.4", credentials = ServerCredentials.createInsecure() } = options;
  const requests: FakeRequest[] = [];
  const all: FakeHandlers = {
    Connect: () => ok({ identifier: "7", server_info: { build_tags: version } }),
    GetVersion: () => ok({ version }),
    ...handlers,
  };
  const service = passBytes();
  const server = new Server();
  const names = Object.keys(service) as RpcName[]; // what the handlers may name
  const methods = names.map((rpc) => [rpc, answer(rpc, all[rpc], requests)]);
  server.addService(service, Object.fromEntries(methods) as UntypedServiceImplementation);
  const port = await listen(server, credentials);
  return {
    address: `127.0.0.1:${port}`,
    requests,
    sent: (rpc) => requests.filter((one) => one.rpc === rpc).map(({ request }) => request),
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

/** A fake and a session with it, closed together. */
export async function connectFake(
  fake: FakeMilvus,
  options: Omit<ConnectOptions, "address"> = {},
): Promise<MilvusSession> {
  return await connectMilvus({ address: fake.address, ...options });
}

/** By the SDK's own way, so that what it says of bytes is not what is being tested. */
function passBytes(): ServiceDefinition {
  const decoding = { keepCase: true, longs: String, defaults: true, oneofs: true };
  const { service } = getGRPCService({ serviceName: "milvus.proto.milvus.MilvusService" }, decoding);
  const methods = Object.entries(service as ServiceDefinition).map(([name, method]) => {
    const responseSerialize = (reply: object): Buffer =>
      reply instanceof Uint8Array ? Buffer.from(reply) : method.responseSerialize(reply);
    return [name, { ...method, responseSerialize }];
  });
  return Object.fromEntries(methods) as ServiceDefinition;
}

type Call = ServerUnaryCall<Readonly<Record<string, unknown>>, object>;

function answer(rpc: RpcName, handler: FakeHandler | undefined, requests: FakeRequest[]) {
  return async (call: Call, reply: sendUnaryData<object>): Promise<void> => {
    const timeoutMs = Number(call.getDeadline()) - Date.now();
    requests.push({ rpc, request: call.request, metadata: call.metadata.getMap(), timeoutMs });
    try {
      if (handler === undefined) throw grpcFailure("UNIMPLEMENTED", `unknown method ${rpc}`);
      reply(null, await handler(call.request));
    } catch (error) {
      reply(error as Error);
    }
  };
}

function listen(server: Server, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });
}
