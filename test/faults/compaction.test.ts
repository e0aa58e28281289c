/** Compaction and garbage collection between capture and copy: of a Milvus of its own, which removes at once what it dropped. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunReport } from "../../src/core/report.ts";
import { addSegments, collectionIdOf, compact, copyingAfter, smallSegments, untilCollected } from "../support/compacted-source.ts";
import { createAll } from "../support/dataset.ts";
import { specOf } from "../support/dataset-specs.ts";
import { backUpAfter, openJob } from "../support/engine-job.ts";
import { startOwnMilvus } from "../support/own-milvus.ts";
import type { OwnMilvus } from "../support/own-milvus.ts";
import { createWorkspace, reportOf } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

/** Once an hour, and three hours after a segment was dropped, unless told. */
const COLLECT_AT_ONCE = {
  DATACOORD_GC_INTERVAL: "1",
  DATACOORD_GC_DROPTOLERANCE: "1",
  DATACOORD_GC_MISSINGTOLERANCE: "3600",
};
const ref = { database: "home", collection: "small" };

let own: OwnMilvus;
let workspace: Workspace;

beforeAll(async () => {
  own = await startOwnMilvus(COLLECT_AT_ONCE);
  workspace = await createWorkspace(() => ({
    sources: { own: { address: own.address, storage: "own-disk" } },
    storages: { "own-disk": { type: "local", path: own.root } },
    policies: { nightly: { source: "own", targets: [{ storage: "disk" }], select: { include: ["home.*"] } } },
  }));
  await createAll(own.address, [smallSegments(ref)]);
}, 120_000);

afterAll(async () => {
  await own[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
}, 60_000);

/** Backs home up; before an object is copied, this is done where the object is still there, one at a time. */
async function backUpWhile(takeAway: () => Promise<void>): Promise<RunReport> {
  await using job = await openJob(workspace, { source: "own", target: "disk" });
  const id = await collectionIdOf(own, ref);
  let turn = Promise.resolve();
  const storage = copyingAfter(job.target.storage, (sourceKey) => {
    const isThere = sourceKey.startsWith(`insert_log/${id}/`) && existsSync(join(own.root, sourceKey));
    turn = turn.then(() => (isThere ? takeAway() : undefined));
    return turn;
  });
  return await backUpAfter({ ...job, target: { ...job.target, storage } }, "nightly", async () => {});
}

async function compactAndCollect(): Promise<void> {
  await untilCollected(await compact(own, ref));
}

it("segments that were compacted and collected before their copy are captured anew: the backup is complete", async () => {
  let times = 0;
  const report = await backUpWhile(async () => {
    times += 1;
    if (times === 1) await compactAndCollect();
  });
  expect(report).toMatchObject({ state: "complete", exitStatus: 0, collections: [{ state: "complete", rows: 60 }] });
  expect(times).toBeGreaterThan(1);
  const restored = reportOf(
    await workspace.milvusBackup(`restore ${report.backup} --source own --suffix _back --json`),
  );
  expect(restored).toMatchObject({ state: "complete", exitStatus: 0, collections: [{ rowsFound: 60 }] });
});

it("a collection whose segments go away whenever they are captured fails with the reason, and the others are whole", async () => {
  await createAll(own.address, [{ ...specOf("shared"), database: ref.database, name: "stays" }]);
  let row = 60;
  const report = await backUpWhile(async () => {
    await addSegments(own, smallSegments(ref), row);
    row += 20;
    await compactAndCollect();
  });
  expect(report).toMatchObject({ state: "partial", exitStatus: 3 });
  expect(report.collections.map(({ collection, state, error }) => [collection.name, state, error?.message])).toEqual([
    ["small", "failed", expect.stringMatching(/missing/)],
    ["stays", "complete", undefined],
  ]);
});
