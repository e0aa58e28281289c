/** What the real Milvus says to a pause of its garbage collection, and what becomes of backups then. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { createManagement } from "../../src/milvus/management.ts";
import { readManifest } from "../../src/catalog/read-manifest.ts";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { filesOf } from "../support/target-records.ts";
import { createAll } from "../support/dataset.ts";
import { specOf } from "../support/dataset-specs.ts";
import { localManagement, sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

const { local } = sandboxEnv();
let workspace: Workspace;
let management: string;
/** The sandbox's own Milvus is 2.3.5, which cannot; others can. */
let canPause: boolean;

beforeAll(async () => {
  management = await localManagement();
  await using milvus = await connectMilvus({ address: local.address });
  canPause = milvus.capabilities.gcPause;
  workspace = await createWorkspace(({ database }) => {
    const policy = { ...toDisk(`${database("home")}.*`), source: "pausing" };
    return {
      sources: { pausing: { address: local.address, storage: "milvus-disk", management } },
      policies: { required: { ...policy, gc: "require" }, preferred: { ...policy, gc: "prefer" } },
    };
  });
  await createAll(local.address, [{ ...specOf("shared"), database: workspace.database("home") }]);
}, 60_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

it("Milvus's management port answers 404 where there are no pauses, and else ends the one that it gave", async () => {
  const { checkGcPause, pauseGc, resumeGc } = createManagement({ url: management });
  if (!canPause) {
    await expect(checkGcPause()).rejects.toMatchObject({ kind: "unsupported", facts: { status: 404 } });
    await expect(pauseGc(60)).rejects.toMatchObject({ kind: "unsupported", facts: { status: 404 } });
    return;
  }
  await checkGcPause();
  await resumeGc(await pauseGc(60));
});

it("run with gc: require is refused with 15 by a Milvus that cannot pause, and nothing is written", async () => {
  const { status, stdout, stderr } = await workspace.milvusBackup("run required --json");
  if (canPause) {
    expect(reportOf({ status, stdout, stderr }).gc).toMatchObject({ state: "held", releasedAt: expect.any(String) });
    return;
  }
  expect([status, stderr]).toEqual([15, expect.stringContaining("Garbage collection cannot be paused")]);
  expect(await filesOf(workspace.disk).catch(() => [])).toEqual([]);
});

it("run with gc: prefer takes the backup all the same, and warns: in the report and in the manifest", async () => {
  const report = reportOf(await workspace.milvusBackup("run preferred --json"));
  const state = canPause ? "held" : "not-paused";
  expect([report.state, report.exitStatus, report.gc?.state]).toEqual(["complete", 0, state]);
  const warnings = canPause
    ? []
    : [expect.stringMatching(/^garbage collection is not paused: Milvus \S+ cannot pause it/)];
  expect(report.warnings).toEqual(warnings);
  await using disk = await openLocal(workspace.disk, false);
  expect((await readManifest(disk, report.backup))?.gc).toMatchObject({ mode: "prefer", state });
});
