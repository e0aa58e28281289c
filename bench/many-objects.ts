/** A backup of so many objects, or so large ones, as no Milvus makes in a minute: taken from a source that is a fake one. */
import { randomBytes } from "node:crypto";
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

export interface ManyObjects {
  /** Of four objects each. */
  readonly segments: number;
  /** Of three of them; the fourth has what a backup reads. */
  readonly bytes: number;
}

/** Takes it, called b1; `folder` is where the source's segments are meanwhile. */
export async function backUpManyObjects(target: Storage, folder: string, many: ManyObjects): Promise<void> {
  const ids = Array.from({ length: many.segments }, (_, index) => BigInt(300_000 + index));
  await using root = await openLocal(folder, false);
  await seed(root, ids, many.bytes);
  await using job = await openTestJob({ collections: ["default.a"], target, root, handlers: () => handlersFor(ids) });
  const limits = { ...job.limits, objects: WRITES_AT_ONCE };
  const { state } = await backUp({ ...job, limits });
  if (state !== "complete") throw new Error(`The backup of ${many.segments} segments is ${state}`);
  await rm(folder, { recursive: true });
}

async function seed(root: Storage, ids: readonly bigint[], bytes: number): Promise<void> {
  const times = timestampLog(ROWS);
  const others = randomBytes(bytes); // no holes, and nothing to compress
  await forEachConcurrent(ids, { concurrency: WRITES_AT_ONCE }, async (segment) => {
    for (const field of FIELDS) {
      const key = sourceKey({ kind: "insert", ...PLACE, segment, field, log: 1n });
      await root.write(`files/${key}`, bytesBody(field === 1n ? times : others));
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
