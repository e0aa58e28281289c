import { Buffer } from "node:buffer";
import { pollUntil } from "../io/poll-until.ts";
import { MilvusError } from "./errors.ts";
import type { WireFlush } from "./rpc.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionRef, FlushResult, MilvusCall } from "./types.ts";
import { bytesField, bytesFields } from "./wire.ts";

/** In FlushResponse: a map entry by virtual channel, key 1 and value 2. */
const CHANNEL_CHECKPOINTS = 7;

/**
 * Seals what is growing and waits until it is on storage, deletes included. Rows and deletes acknowledged before the
 * call are in the segments listed afterwards. A rate limit is waited out; the deadline holds for all of it.
 */
export async function flushCollection(
  milvus: MilvusSession,
  ref: CollectionRef,
  call: MilvusCall = {},
): Promise<FlushResult> {
  const { database, collection } = ref;
  const { reply, bytes } = await milvus.send("Flush", { collection_names: [collection] }, { ...call, database });
  const result = toResult(reply, bytes, ref);
  await pollUntil(() => isFlushed(milvus, { ...ref, result }, call.signal), {
    what: `the flush of "${database}.${collection}"`,
    firstMs: 25,
    intervalMs: 500,
    signal: call.signal,
    deadline: call.deadline,
    clock: milvus.clock,
  });
  return result;
}

/** Segment ids alone say nothing about deletes: with timestamp and collection the channels' progress counts, too. */
async function isFlushed(
  milvus: MilvusSession,
  { database, collection, result }: CollectionRef & { readonly result: FlushResult },
  signal: AbortSignal | undefined,
): Promise<true | undefined> {
  const request = {
    collection_name: collection,
    segmentIDs: result.segmentIds.map(String),
    flush_ts: String(result.flushTs),
  };
  const { reply } = await milvus.send("GetFlushState", request, { signal, database });
  return reply.flushed || undefined;
}

function toResult(reply: WireFlush, bytes: Uint8Array, { database, collection }: CollectionRef): FlushResult {
  const sealed = reply.coll_segIDs[collection];
  if (sealed === undefined) {
    throw new MilvusError(
      "empty-reply",
      `Milvus answered the flush of "${database}.${collection}" without its segments`,
    );
  }
  const checkpoints = Object.values(reply.channel_cps).map(({ timestamp }) => BigInt(timestamp));
  return {
    segmentIds: sealed.data.map(BigInt),
    flushedSegmentIds: (reply.flush_coll_segIDs[collection]?.data ?? []).map(BigInt),
    flushTs: BigInt(reply.coll_flush_ts[collection] ?? 0),
    sealTime: BigInt(reply.coll_seal_times[collection] ?? 0),
    channelCheckpoints: checkpointsOf(bytes),
    checkpointTs: checkpoints.reduce((highest, ts) => (ts > highest ? ts : highest), 0n),
  };
}

function checkpointsOf(reply: Uint8Array): Readonly<Record<string, string>> {
  const entries = bytesFields(reply, CHANNEL_CHECKPOINTS).map((entry) => {
    const channel = Buffer.from(bytesField(entry, 1) ?? []).toString();
    return [channel, Buffer.from(bytesField(entry, 2) ?? []).toString("base64")] as const;
  });
  return Object.fromEntries(entries);
}
