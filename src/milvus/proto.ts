import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";

/** Milvus's gRPC service: how each request and reply is written in bytes. */
export type MilvusService = ServiceDefinition;
export type MilvusMethod = MethodDefinition<object, Readonly<Record<string, unknown>>>;

/** 64-bit integers as decimal strings, enums as numbers, absent lists as [], absent messages as null. */
const DECODING = { keepCase: true, longs: String, defaults: true, oneofs: true } as const;

let loading: Promise<MilvusService> | undefined;

/**
 * The service as the SDK's proto files describe it. The SDK is imported here and only now: it takes a third of a second.
 * Its client is not used: it takes an unknown request for success and hides failed flushes.
 */
export function loadService(): Promise<MilvusService> {
  loading ??= importService();
  return loading;
}

async function importService(): Promise<MilvusService> {
  const { getGRPCService } = await import("@zilliz/milvus2-sdk-node");
  return getGRPCService({ serviceName: "milvus.proto.milvus.MilvusService" }, DECODING).service;
}

export function methodOf(service: MilvusService, name: string): MilvusMethod {
  const method = service[name];
  if (method === undefined) throw new TypeError(`The Milvus SDK does not describe the request ${name}`);
  return method;
}
