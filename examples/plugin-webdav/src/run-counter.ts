import { readFile, rename, writeFile } from "node:fs/promises";
import { definePlugin } from "milvus-backup/plugin";
import type { ObserverPlugin } from "milvus-backup/plugin";
import { z } from "zod";

/** Counts runs by how they ended, in a file for the textfile collector of Prometheus's node_exporter. */
export const runCounter: ObserverPlugin = definePlugin({
  apiVersion: 1,
  name: "run-counter",
  options: z.strictObject({ path: z.string().min(1) }),
  on: {
    finished: async ({ state }, { options: { path } }) => {
      const counts = parse(await readText(path));
      counts.set(state, (counts.get(state) ?? 0) + 1);
      await writeFile(`${path}.new`, format(counts));
      await rename(`${path}.new`, path); // the collector may read at any time
    },
  },
});

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return ""; // the first run
    throw error;
  }
}

function parse(text: string): Map<string, number> {
  const samples = text.matchAll(/^milvus_backup_runs_total\{state="(\w+)"\} (\d+)$/gm);
  return new Map(Array.from(samples, ([, state = "", count]) => [state, Number(count)]));
}

function format(counts: ReadonlyMap<string, number>): string {
  const samples = Array.from(counts, ([state, count]) => `milvus_backup_runs_total{state="${state}"} ${count}`);
  return `${["# HELP milvus_backup_runs_total Runs by how they ended", "# TYPE milvus_backup_runs_total counter", ...samples].join("\n")}\n`;
}
