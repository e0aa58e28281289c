import { join } from "node:path";
import type { MilvusClient } from "@zilliz/milvus2-sdk-node";
import type { LogSource } from "../../src/binlog/log-source.ts";
import { readSegmentRows } from "../../src/binlog/segment-rows.ts";
import type { Row, RowField } from "../../src/binlog/segment-rows.ts";
import { logsIn } from "./binlog-files.ts";
import { succeed } from "./dataset-client.ts";
import { sandboxEnv } from "./sandbox.ts";

export interface OnDisk {
  readonly client: MilvusClient;
  readonly collection_name: string;
}

interface SegmentOnDisk {
  readonly partitionId: string;
  logs(kind: "insert_log" | "delta_log", fieldId?: bigint): readonly LogSource[];
}

/** The segments of a collection of the local Milvus that it counts as written, where they are on its disk. */
export async function segmentsOnDisk({ client, collection_name }: OnDisk): Promise<readonly SegmentOnDisk[]> {
  const { collectionID } = await succeed(client.describeCollection({ collection_name }));
  const { infos } = await succeed(client.getPersistentSegmentInfo({ collectionName: collection_name }));
  return infos.map(({ partitionID, segmentID }) => ({
    partitionId: String(partitionID),
    logs: (kind, fieldId) => {
      const ids = [collectionID, partitionID, segmentID, ...(fieldId === undefined ? [] : [fieldId])];
      return logsIn(join(sandboxEnv().local.root, kind, ...ids.map(String)));
    },
  }));
}

/** Every row that was written, deleted ones too, by the order of their keys as text. */
export async function readRowsOnDisk(collection: OnDisk, fields: readonly RowField[]): Promise<readonly Row[]> {
  const rows = await readSegmentsOnDisk(await segmentsOnDisk(collection), fields);
  return rows.toSorted((a, b) => (String(a["id"]) < String(b["id"]) ? -1 : 1));
}

/** The same, by the partition's name. */
export async function readPartitionsOnDisk(
  collection: OnDisk,
  fields: readonly RowField[],
): Promise<ReadonlyMap<string, readonly Row[]>> {
  const { client, collection_name } = collection;
  const { partition_names, partitionIDs } = await succeed(client.showPartitions({ collection_name }));
  const segments = await segmentsOnDisk(collection);
  const rows = new Map<string, readonly Row[]>();
  for (const [at, name] of partition_names.entries()) {
    const own = segments.filter(({ partitionId }) => partitionId === String(partitionIDs[at]));
    rows.set(name, await readSegmentsOnDisk(own, fields));
  }
  return rows;
}

async function readSegmentsOnDisk(
  segments: readonly SegmentOnDisk[],
  fields: readonly RowField[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const segment of segments) {
    const batches = readSegmentRows({ fields, logsOf: ({ id }) => segment.logs("insert_log", id) });
    for await (const batch of batches) rows.push(...batch);
  }
  return rows;
}
