import { Buffer } from "node:buffer";
import type { INamespace, Service, Type } from "protobufjs";

/** Milvus's gRPC service, as protobufjs describes it. */
export type MilvusService = Service;

type Message = Readonly<Record<string, unknown>>;

/** How one RPC's request and reply are written in bytes. */
export interface MilvusMethod {
  /** What gRPC calls it. */
  readonly path: string;
  readonly requestSerialize: (request: object) => Buffer;
  readonly responseSerialize: (reply: object) => Buffer;
  readonly responseDeserialize: (bytes: Uint8Array) => Message;
}

/** 64-bit integers as decimal strings, enums as numbers, absent lists as [], absent messages as null. */
const DECODING = { longs: String, defaults: true, oneofs: true } as const;

let loading: Promise<MilvusService> | undefined;

/**
 * The service as the SDK's proto files describe it; they are all that is used of it. Its index takes half a second to
 * import, ten times as long as they do, and its client takes an unknown request for success and hides failed flushes.
 */
export function loadService(): Promise<MilvusService> {
  loading ??= importService();
  return loading;
}

async function importService(): Promise<MilvusService> {
  const { default: protobuf } = await import("protobufjs");
  const { default: module } = await import("@zilliz/milvus2-sdk-node/dist/milvus/proto-json/milvus.js");
  const protos: object = "default" in module ? module.default : module; // some loaders unwrap CommonJS modules
  const root = protobuf.Root.fromJSON(protos as INamespace); // protobufjs wrote it; it is typed by its content
  return root.lookupService("milvus.proto.milvus.MilvusService");
}

/** Types are resolved when they are first used: all of them together take as long as a short command. */
export function methodOf(service: MilvusService, name: string): MilvusMethod {
  const method = service.methods[name];
  method?.resolve();
  const request = method?.resolvedRequestType;
  const reply = method?.resolvedResponseType;
  if (!request || !reply) throw new TypeError(`The Milvus SDK does not describe the request ${name}`);
  return {
    path: `/${service.fullName.slice(1)}/${name}`,
    requestSerialize: (message) => serialize(request, message),
    responseSerialize: (message) => serialize(reply, message),
    responseDeserialize: (bytes) => reply.toObject(reply.decode(bytes), DECODING),
  };
}

function serialize(type: Type, message: object): Buffer {
  return Buffer.from(type.encode(type.fromObject(message)).finish());
}
