/** Compaction and garbage collection between capture and copy: of a Milvus of its own, which removes soon what it dropped. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunReport } from "../../src/core/report.ts";
import {
  addSegments,
  collectionIdOf,
  collectNow,
  compact,
  copyingTooLate,
  smallSegments,
  untilCollected,
} from "../support/compacted-source.ts";
import { createAll } from "../support/dataset.ts";
import { specOf } from "../support/dataset-specs.ts";
import { backUpAfter, openJob } from "../support/engine-job.ts";
import { startOwnMilvus } from "../support/own-milvus.ts";
import type { OwnMilvus } from "../support/own-milvus.ts";
import { createWorkspace, reportOf } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

/** Once an hour, and three hours after a segment was dropped, unless told; even so it waits a minute, for an index of what came of it. */
const COLLECT_SOON = {
  DATACOORD_GC_INTERVAL: "1",
  DATACOORD_GC_DROPTOLERANCE: "1",
  DATACOORD_GC_MISSINGTOLERANCE: "3600",
};
const ref = { database: "home", collection: "small" };
const small = { ...specOf("shared"), ...smallSegments, database: ref.database, name: ref.collection };

let own: OwnMilvus;
let workspace: Workspace;

beforeAll(async () => {
  own = await startOwnMilvus(COLLECT_SOON);
  workspace = await createWorkspace(() => ({
    sources: { own: { address: own.address, storage: "own-disk" } },
    storages: { "own-disk": { type: "local", path: own.root } },
    policies: { nightly: { source: "own", targets: [{ storage: "disk" }], select: { include: ["home.*"] } } },
  }));
  await createAll(own.address, [small]);
}, 120_000);

afterAll(async () => {
  await own[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
}, 60_000);

/** Backs home up, and does this before a log of `small` is copied that is still there. */
async function backUpWhile(takeAway: () => Promise<void>): Promise<RunReport> {
  await using job = await openJob(workspace, { source: "own", target: "disk" });
  const id = await collectionIdOf(own, ref);
  const target = copyingTooLate(job.target, { root: own.root, id, takeAway });
  return await backUpAfter({ ...job, target }, "nightly", async () => {});
}

it("segments that were compacted and collected before their copy are captured anew: the backup is complete", async () => {
  let times = 0;
  const report = await backUpWhile(async () => {
    times += 1;
    if (times === 1) await untilCollected(await compact(own, ref));
  });
  expect(report).toMatchObject({ state: "complete", exitStatus: 0, collections: [{ state: "complete", rows: 60 }] });
  expect(times).toBeGreaterThan(1);
  const restored = reportOf(
    await workspace.milvusBackup(`restore ${report.backup} --source own --rename home.*:away.* --json`),
  );
  expect(restored).toMatchObject({ state: "complete", exitStatus: 0, collections: [{ rowsFound: 60 }] });
});

it("a collection whose segments go away whenever they are captured fails with the reason, and the others are whole", async () => {
  await createAll(own.address, [{ ...specOf("shared"), database: ref.database, name: "stays" }]);
  let row = 60;
  const report = await backUpWhile(async () => {
    await addSegments(own, small, row);
    row += 20;
    await collectNow(await compact(own, ref));
  });
  expect(report).toMatchObject({ state: "partial", exitStatus: 3 });
  expect(report.collections.map(({ collection, state, error }) => [collection.name, state, error?.message])).toEqual([
    ["small", "failed", expect.stringMatching(/went away, and so did those of a second capture/)],
    ["stays", "complete", undefined],
  ]);
});
