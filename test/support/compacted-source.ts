/** A collection of several small segments, and what takes them away: a compaction, and Milvus's own garbage collection. */
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { MilvusClient } from "@zilliz/milvus2-sdk-node";
import { pollUntil } from "../../scripts/sandbox/poll.ts";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { describeCollection } from "../../src/milvus/describe.ts";
import { listSegments } from "../../src/milvus/segments.ts";
import type { CollectionRef } from "../../src/milvus/types.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import type { OpenTarget } from "../../src/engine/places.ts";
import { fill } from "./dataset.ts";
import { succeed, withClient } from "./dataset-client.ts";
import type { CollectionSpec } from "./dataset-spec.ts";
import type { LocalMilvus } from "./sandbox.ts";

/** Milvus compacts nothing that has no index, and by itself nothing that says so. */
export const smallSegments: Pick<CollectionSpec, "properties" | "indexes" | "steps"> = {
  properties: { "collection.autocompaction.enabled": "false" },
  indexes: [{ field: "vector", type: "FLAT", metric: "L2" }],
  steps: [0, 20, 40].flatMap((from) => [{ kind: "insert", rows: [from, from + 20] }, { kind: "flush" }] as const),
};

/** What the keys of its logs have. */
export async function collectionIdOf({ address }: LocalMilvus, ref: CollectionRef): Promise<bigint> {
  await using milvus = await connectMilvus({ address });
  return (await describeCollection(milvus, ref)).id;
}

/** Asks for a compaction of the collection, and gives back the directories of the segments that it replaced. */
export async function compact({ address, root }: LocalMilvus, ref: CollectionRef): Promise<readonly string[]> {
  await using milvus = await connectMilvus({ address });
  const before = await listSegments(milvus, ref);
  await withClient(address, ref.database, (client) => compactNow(client, ref.collection));
  const isReplaced = async (): Promise<true | undefined> => {
    const after = new Set((await listSegments(milvus, ref)).map(({ id }) => id));
    return before.every(({ id }) => !after.has(id)) ? true : undefined;
  };
  await must(isReplaced, `the segments of ${ref.collection} were not replaced`);
  return before.map(({ collectionId, partitionId, id }) =>
    join(root, `insert_log/${collectionId}/${partitionId}/${id}`),
  );
}

async function compactNow(client: MilvusClient, name: string): Promise<void> {
  const { compactionID } = await succeed(client.compact({ collection_name: name }));
  const isDone = async (): Promise<true | undefined> => {
    const { state, completedPlanNo } = await succeed(client.getCompactionState({ compactionID }));
    return String(state) === "Completed" && Number(completedPlanNo) > 0 ? true : undefined;
  };
  await must(isDone, `${name} was not compacted`);
}

/** Waits until Milvus itself has removed what is in them; it leaves empty directories. */
export async function untilCollected(directories: readonly string[]): Promise<void> {
  const isGone = async (): Promise<true | undefined> => {
    const files = await Promise.all(directories.map(filesBelow));
    return files.every((count) => count === 0) ? true : undefined;
  };
  await must(isGone, `Milvus did not remove what is in ${directories.join(", ")}`);
}

/** Removes what is in them as Milvus would in hours: where the files are its own, it waits for an index and a checkpoint first. */
export async function collectNow(directories: readonly string[]): Promise<void> {
  await Promise.all(directories.map((directory) => rm(directory, { recursive: true })));
}

async function filesBelow(directory: string): Promise<number> {
  if (!existsSync(directory)) return 0;
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

/** Two more small segments, so that there is something to compact once more. */
export async function addSegments({ address }: LocalMilvus, spec: CollectionSpec, from: number): Promise<void> {
  const steps = [from, from + 10].flatMap(
    (row) => [{ kind: "insert", rows: [row, row + 10] }, { kind: "flush" }] as const,
  );
  await withClient(address, spec.database, (client) => fill(client, { ...spec, steps }));
}

export interface TakingAway {
  readonly root: string;
  /** The collection whose logs go. */
  readonly id: bigint;
  /** Done before one of its logs is copied that is still there; one at a time. */
  takeAway(): Promise<void>;
}

/** The same target, into which logs are copied after they were taken away from the source. */
export function copyingTooLate(target: OpenTarget, { root, id, takeAway }: TakingAway): OpenTarget {
  const { storage } = target;
  const { copyFrom } = storage;
  if (copyFrom === undefined) throw new Error("A storage that copies by itself is needed");
  let turn = Promise.resolve();
  const late: Storage = {
    ...storage,
    copyFrom: async (from, copy, call) => {
      const isThere = (): boolean => existsSync(join(root, copy.sourceKey));
      if (copy.sourceKey.startsWith(`insert_log/${id}/`)) {
        turn = turn.then(() => (isThere() ? takeAway() : undefined));
        await turn;
      }
      return await copyFrom(from, copy, call);
    },
  };
  return { ...target, storage: late };
}

async function must(check: () => Promise<true | undefined>, otherwise: string): Promise<void> {
  if (!(await pollUntil(check, { deadlineMs: 120_000 }))) throw new Error(`${otherwise} in two minutes`);
}
