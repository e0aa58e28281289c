import { Buffer } from "node:buffer";
import { encodeBytesField } from "./wire.ts";
import protobuf from "protobufjs/minimal.js";
import type { MilvusSession } from "./session.ts";
import type { CollectionRef, MilvusCall } from "./types.ts";

export interface SearchRequest extends CollectionRef {
  readonly field: string;
  readonly metric: string;
  readonly vectors: readonly Float32Array[];
  readonly topK: number;
}

/** For each vector the keys of those that are nearest to it, as the index finds them, the nearest first. */
export async function search(
  milvus: MilvusSession,
  { database, collection, field, metric, vectors, topK }: SearchRequest,
  call: MilvusCall = {},
): Promise<readonly (readonly string[])[]> {
  const params = {
    anns_field: field,
    topk: String(topK),
    metric_type: metric,
    params: SEARCH_PARAMS,
    round_decimal: "-1",
  };
  const request = {
    collection_name: collection,
    dsl: "",
    dsl_type: BOOLEAN_EXPRESSION,
    placeholder_group: encodeVectors(vectors),
    output_fields: [],
    search_params: Object.entries(params).map(([key, value]) => ({ key, value })),
    nq: String(vectors.length),
    consistency_level: STRONG,
  };
  const { reply } = await milvus.send("Search", request, { ...call, database });
  const { ids, topks } = reply.results ?? { ids: null, topks: [] };
  const keys: readonly string[] = (ids?.int_id?.data ?? ids?.str_id?.data ?? []).map(String);
  let from = 0;
  return topks.map((count) => keys.slice(from, (from += Number(count))));
}

/** Enough for a good recall of every kind of index; each takes those that it knows. */
const SEARCH_PARAMS = JSON.stringify({ nprobe: 64, ef: 128, search_list: 128 });
const BOOLEAN_EXPRESSION = 1;
const STRONG = 0;

/** By common.PlaceholderType. */
const FLOAT_VECTOR = 101;

/** A common.PlaceholderGroup of one placeholder, which the search calls $0. */
function encodeVectors(vectors: readonly Float32Array[]): Uint8Array {
  const writer = protobuf.Writer.create().uint32(10).string("$0").uint32(16).int32(FLOAT_VECTOR);
  for (const { buffer, byteOffset, byteLength } of vectors) {
    writer.uint32(26).bytes(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return Buffer.from(encodeBytesField(1, writer.finish()));
}
