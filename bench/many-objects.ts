/** A backup of so many small objects as no Milvus makes in a minute: taken from a source that is a fake one. */
import { rm } from "node:fs/promises";
import { openLocal } from "../plugins/storage-local/local.ts";
import type { Storage } from "../src/core/contracts/storage.ts";
import { sourceKey } from "../src/format/payload-keys.ts";
import { bytesBody } from "../src/io/body.ts";
import { forEachConcurrent } from "../src/io/limit.ts";
import { backUp, openTestJob } from "../test/support/engine-run.ts";
import { ok } from "../test/support/fake-milvus.ts";
import type { FakeHandlers } from "../test/support/fake-milvus.ts";
import { timestampLog } from "../test/support/binlog-files.ts";

/** The world's collection and its first partition. */
const PLACE = { collection: 200n, partition: 201n };
const FIELDS = [0n, 1n, 100n, 101n];
const ROWS = 5;
const WRITES_AT_ONCE = 64;

/** Takes it, called b1, of four objects a segment; `folder` is where the source's segments are meanwhile. */
export async function backUpManyObjects(target: Storage, folder: string, segments: number): Promise<void> {
  const ids = Array.from({ length: segments }, (_, index) => BigInt(300_000 + index));
  await using root = await openLocal(folder, false);
  await seed(root, ids);
  await using job = await openTestJob({ collections: ["default.a"], target, root, handlers: () => handlersFor(ids) });
  const limits = { ...job.limits, objects: WRITES_AT_ONCE };
  const { state } = await backUp({ ...job, limits });
  if (state !== "complete") throw new Error(`The backup of ${segments} segments is ${state}`);
  await rm(folder, { recursive: true });
}

async function seed(root: Storage, ids: readonly bigint[]): Promise<void> {
  const times = timestampLog(ROWS);
  await forEachConcurrent(ids, { concurrency: WRITES_AT_ONCE }, async (segment) => {
    for (const field of FIELDS) {
      const key = sourceKey({ kind: "insert", ...PLACE, segment, field, log: 1n });
      await root.write(`files/${key}`, bytesBody(field === 1n ? times : `rows of field ${field}`));
    }
  });
}

function handlersFor(ids: readonly bigint[]): FakeHandlers {
  const infos = ids.map((id) => ({
    segmentID: String(id),
    collectionID: String(PLACE.collection),
    partitionID: String(PLACE.partition),
    num_rows: String(ROWS),
    state: 4,
  }));
  return { GetPersistentSegmentInfo: () => ok({ infos }) };
}
