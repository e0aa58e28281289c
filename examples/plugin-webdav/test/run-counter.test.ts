import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { RunReport } from "milvus-backup/plugin";
import { runCounter } from "../src/run-counter.ts";

it("run-counter counts runs by how they ended", async () => {
  const folder = await mkdtemp(join(tmpdir(), "run-counter-"));
  const path = join(folder, "runs.prom");
  const context = { options: { path }, directory: folder, signal: new AbortController().signal };
  for (const state of ["complete", "failed", "complete"] as const) {
    await runCounter.on.finished?.({ state } as RunReport, context); // it looks at nothing else
  }
  const samples = (await readFile(path, "utf8")).split("\n").filter((line) => !line.startsWith("#"));
  expect(samples).toEqual([
    'milvus_backup_runs_total{state="complete"} 2',
    'milvus_backup_runs_total{state="failed"} 1',
    "",
  ]);
  await rm(folder, { recursive: true });
});
