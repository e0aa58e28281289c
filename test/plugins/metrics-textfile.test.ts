import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { metricsTextfile } from "../../plugins/metrics-textfile/index.ts";
import type { RunReport } from "../../src/plugin.ts";
import { collectionOutcome, runReport } from "../support/reports.ts";

const REPORT = runReport({
  policy: "nightly",
  source: "prod",
  target: 'nas/"a"',
  finishedAt: "2026-11-27T02:00:12.500Z",
  collections: [
    collectionOutcome(),
    collectionOutcome({ collection: { database: "d", name: "b" }, state: "failed", rows: 9, bytes: 9 }),
  ],
  warnings: ["look"],
});

async function write(path: string, report: Partial<RunReport>): Promise<void> {
  const context = { options: { path }, directory: path, signal: new AbortController().signal };
  await metricsTextfile.on.finished?.({ ...REPORT, ...report }, context);
}

async function samplesIn(file: string): Promise<readonly string[]> {
  return (await readFile(file, "utf8")).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

it("metrics-textfile writes a file a policy and action, whole, that says when such a run was last complete", async () => {
  const folder = await mkdtemp(join(tmpdir(), "metrics-"));
  const path = join(folder, "new");
  const file = join(path, "milvus_backup_backup_nightly.prom");
  const labels = 'policy="nightly",action="backup",target="nas/\\"a\\""';
  await write(path, {});
  expect(await samplesIn(file)).toEqual([
    `milvus_backup_last_run_timestamp_seconds{${labels}} 1795744812.5`,
    `milvus_backup_last_success_timestamp_seconds{${labels}} 1795744812.5`,
    `milvus_backup_last_run_duration_seconds{${labels}} 12.5`,
    `milvus_backup_last_run_exit_status{${labels}} 0`,
    `milvus_backup_last_run_collections{${labels}} 2`,
    `milvus_backup_last_run_collections_complete{${labels}} 1`,
    `milvus_backup_last_run_rows{${labels}} 5`,
    `milvus_backup_last_run_bytes{${labels}} 100`,
    `milvus_backup_last_run_warnings{${labels}} 1`,
    ...["complete", "partial", "failed", "interrupted", "skipped"].map(
      (state) => `milvus_backup_last_run_state{${labels},state="${state}"} ${state === "complete" ? 1 : 0}`,
    ),
  ]);
  await write(path, { state: "failed", exitStatus: 14, finishedAt: "2026-11-28T02:00:00.000Z" });
  expect((await samplesIn(file)).slice(0, 2)).toEqual([
    `milvus_backup_last_run_timestamp_seconds{${labels}} 1795831200`,
    `milvus_backup_last_success_timestamp_seconds{${labels}} 1795744812.5`,
  ]);
  await write(path, { policy: undefined, action: "restore", state: "failed" });
  expect((await samplesIn(join(path, "milvus_backup_restore_none.prom")))[1]).toMatch(/ 0$/);
  expect(await readdir(path)).toEqual(["milvus_backup_backup_nightly.prom", "milvus_backup_restore_none.prom"]);
  await rm(folder, { recursive: true });
});
