import { createLimit } from "../io/limit.ts";
import { pollUntil } from "../io/poll-until.ts";
import { MilvusError } from "./errors.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionRef, LoadState, MilvusCall } from "./types.ts";

/** By the number of common.LoadState. */
const STATES: readonly LoadState[] = ["NotExist", "NotLoad", "Loading", "Loaded"];

/** Of the collection, or of one partition of it. */
export async function loadState(
  milvus: MilvusSession,
  { database, collection, partition }: CollectionRef & { readonly partition?: string },
  call: MilvusCall = {},
): Promise<LoadState> {
  const request = { collection_name: collection, partition_names: partition === undefined ? [] : [partition] };
  const { reply } = await milvus.send("GetLoadState", request, { ...call, database });
  const state = STATES[reply.state];
  if (state === undefined) throw new MilvusError("other", `Milvus gave the unknown load state ${reply.state}`);
  return state;
}

export interface PartitionsRef extends CollectionRef {
  readonly partitions: readonly string[];
}

const REQUESTS_AT_ONCE = 8;

/** The state of each partition, by its name. */
export async function partitionLoadStates(
  milvus: MilvusSession,
  { database, collection, partitions }: PartitionsRef,
  call: MilvusCall = {},
): Promise<ReadonlyMap<string, LoadState>> {
  const limit = createLimit(REQUESTS_AT_ONCE);
  const stateOf = async (partition: string): Promise<readonly [string, LoadState]> => [
    partition,
    await limit(() => loadState(milvus, { database, collection, partition }, call)),
  ];
  return new Map(await Promise.all(partitions.map(stateOf)));
}

/** Loads all of it, or the partitions that are named, and waits until they can be searched. Vectors need an index first. */
export async function loadCollection(
  milvus: MilvusSession,
  load: CollectionRef & { readonly partitions?: readonly string[] },
  call: MilvusCall = {},
): Promise<void> {
  const { database, collection, partitions } = load;
  const request = { collection_name: collection, replica_number: 1 };
  const options = { ...call, database };
  if (partitions === undefined) await milvus.send("LoadCollection", request, options);
  else await milvus.send("LoadPartitions", { ...request, partition_names: partitions }, options);
  const refusedAt = milvus.clock.now() + BEGINS_WITHIN_MS;
  await pollUntil(() => isLoaded(milvus, { ...load, refusedAt }, call.signal), {
    what: `"${database}.${collection}" to be loaded`,
    intervalMs: 500,
    signal: call.signal,
    deadline: call.deadline,
    clock: milvus.clock,
  });
}

/** By then one that is not even loading was not understood, or has failed: more of the wait does not help. */
const BEGINS_WITHIN_MS = 30_000;

interface Loading extends CollectionRef {
  readonly partitions?: readonly string[];
  readonly refusedAt: number;
}

async function isLoaded(
  milvus: MilvusSession,
  { partitions, refusedAt, ...ref }: Loading,
  signal: AbortSignal | undefined,
): Promise<true | undefined> {
  const states =
    partitions === undefined
      ? [await loadState(milvus, ref, { signal })]
      : [...(await partitionLoadStates(milvus, { ...ref, partitions }, { signal })).values()];
  if (!states.every((state) => state === "Loaded" || state === "Loading") && milvus.clock.now() >= refusedAt) {
    throw new MilvusError(
      "other",
      `Milvus has not begun to load "${ref.database}.${ref.collection}", or has given it up`,
    );
  }
  return states.every((state) => state === "Loaded") || undefined;
}
