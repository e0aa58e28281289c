/** Requests and replies as they are on the wire: bytes are bytes, where the SDK parses JSON and loses digits. */
import { Buffer } from "node:buffer";
import { Client, credentials } from "@grpc/grpc-js";
import { loadService, methodOf } from "../../src/milvus/proto.ts";
import type { RowSource } from "./dataset-read.ts";

type Reply = Readonly<Record<string, unknown>>;
export type RawCall = (rpc: string, request: object) => Promise<Reply>;

export async function withRawClient<T>(address: string, work: (call: RawCall) => Promise<T>): Promise<T> {
  const service = await loadService();
  const client = new Client(address, credentials.createInsecure());
  const call: RawCall = (rpc, request) => {
    const { path, requestSerialize, responseDeserialize } = methodOf(service, rpc);
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null, reply: Reply = {}): void => {
        const reason = error ?? refusalOf(reply);
        if (reason === undefined) resolve(reply);
        else reject(reason);
      };
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, settle);
    });
  };
  try {
    return await work(call);
  } finally {
    client.close();
  }
}

function refusalOf({ status }: Reply): Error | undefined {
  const { code, reason } = status as { code: number; reason: string }; // by the proto file
  return code === 0 ? undefined : new Error(`Milvus refused: ${code} ${reason}`);
}

/** A row of a collection of `id`, `json`, `vector` and a dynamic field. */
export interface JsonTexts {
  readonly json: string;
  /** What the dynamic field holds. */
  readonly dynamic: string;
}

/** Their keys are 0, 1, 2 … */
export async function insertTexts(
  address: string,
  { database, collection }: RowSource,
  rows: readonly JsonTexts[],
): Promise<void> {
  const json = (values: readonly string[]) => ({ json_data: { data: values.map((text) => Buffer.from(text)) } });
  const zeros = rows.flatMap(() => [0, 0]);
  const fields_data = [
    { type: 5, field_name: "id", scalars: { long_data: { data: rows.map((_, at) => String(at)) } } },
    { type: 23, field_name: "json", scalars: json(rows.map((row) => row.json)) },
    { type: 23, is_dynamic: true, scalars: json(rows.map(({ dynamic }) => dynamic)) },
    { type: 101, field_name: "vector", vectors: { dim: "2", float_vector: { data: zeros } } },
  ];
  const request = { db_name: database, collection_name: collection, num_rows: rows.length, fields_data };
  await withRawClient(address, (call) => call("Insert", request));
}

interface ColumnOfBytes {
  readonly field_name: string;
  readonly scalars: {
    readonly long_data?: { readonly data: readonly string[] };
    readonly json_data?: { readonly data: readonly Uint8Array[] };
  };
}

/** By key, what insertTexts wrote; the collection must be loaded. */
export async function readTexts(
  address: string,
  { database, collection }: RowSource,
): Promise<ReadonlyMap<string, JsonTexts>> {
  const request = { db_name: database, collection_name: collection, expr: "id >= 0", consistency_level: 0 };
  const output_fields = ["id", "json", "$meta"];
  const reply = await withRawClient(address, (call) => call("Query", { ...request, output_fields }));
  const columns = reply["fields_data"] as readonly ColumnOfBytes[]; // by the proto file
  const textsOf = (name: string): readonly string[] => {
    const bytes = columns.find(({ field_name }) => field_name === name)?.scalars.json_data?.data ?? [];
    return bytes.map((text) => Buffer.from(text).toString());
  };
  const [json, dynamic] = [textsOf("json"), textsOf("$meta")];
  const ids = columns.find(({ field_name }) => field_name === "id")?.scalars.long_data?.data ?? [];
  return new Map(ids.map((id, at) => [id, { json: json[at] ?? "", dynamic: dynamic[at] ?? "" }]));
}
