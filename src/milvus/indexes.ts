import type { IndexMeta } from "../format/meta.ts";
import { pollUntil } from "../io/poll-until.ts";
import { isMilvusError, MilvusError } from "./errors.ts";
import type { WireIndex } from "./rpc.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionRef, MilvusCall } from "./types.ts";
import { withoutZeros } from "./zeros.ts";

/** In the Go tool's shape; [] when there is none, which the server reports as an error. */
export async function describeIndexes(
  milvus: MilvusSession,
  ref: CollectionRef,
  call: MilvusCall = {},
): Promise<readonly IndexMeta[]> {
  return (await askIndexes(milvus, ref, call)).map(toIndex);
}

export interface IndexRequest {
  readonly fieldName: string;
  /** "" lets the server choose. */
  readonly indexName: string;
  /** As describeIndexes gave them out: index_type, metric_type, params (JSON) … */
  readonly params: Readonly<Record<string, string>>;
}

/** Starts building an index; waitForIndexes waits for it. */
export async function createIndex(
  milvus: MilvusSession,
  { database, collection, index }: CollectionRef & { readonly index: IndexRequest },
  call: MilvusCall = {},
): Promise<void> {
  const extra_params = Object.entries(index.params).map(([key, value]) => ({ key, value }));
  const request = {
    collection_name: collection,
    field_name: index.fieldName,
    index_name: index.indexName,
    extra_params,
  };
  await milvus.send("CreateIndex", request, { ...call, database });
}

const FINISHED = 3;
const FAILED = 4;

/** Until every index of the collection covers every row; throws when one failed. */
export async function waitForIndexes(milvus: MilvusSession, ref: CollectionRef, call: MilvusCall = {}): Promise<void> {
  const areBuilt = async (): Promise<true | undefined> => {
    const indexes = await askIndexes(milvus, ref, { signal: call.signal });
    const failed = indexes.find(({ state }) => state === FAILED);
    if (failed !== undefined) throw buildFailed(ref, failed);
    return indexes.every(isComplete) || undefined;
  };
  await pollUntil(areBuilt, {
    what: `the indexes of "${ref.database}.${ref.collection}"`,
    intervalMs: 500,
    signal: call.signal,
    deadline: call.deadline,
    clock: milvus.clock,
  });
}

async function askIndexes(
  milvus: MilvusSession,
  { database, collection }: CollectionRef,
  call: MilvusCall,
): Promise<readonly WireIndex[]> {
  try {
    const { reply } = await milvus.send("DescribeIndex", { collection_name: collection }, { ...call, database });
    return reply.index_descriptions;
  } catch (error) {
    if (isMilvusError(error, "index-not-found")) return [];
    throw error;
  }
}

function isComplete({ state, indexed_rows, total_rows }: WireIndex): boolean {
  return state === FINISHED && BigInt(indexed_rows) >= BigInt(total_rows);
}

function toIndex({ field_name, index_name, indexID, params }: WireIndex): IndexMeta {
  const byKey = Object.fromEntries(params.map(({ key, value }) => [key, value]));
  const index_type = byKey["index_type"];
  return withoutZeros({ field_name, index_name, index_type, params: byKey, index_id: BigInt(indexID) });
}

function buildFailed(ref: CollectionRef, index: WireIndex): MilvusError {
  const reason = `${index.index_name} of "${ref.database}.${ref.collection}": ${index.index_state_fail_reason}`;
  return new MilvusError("other", `Milvus failed to build the index ${reason}`);
}
