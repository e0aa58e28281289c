import { readFile } from "node:fs/promises";
import type { RunReport } from "../../src/plugin.ts";

/** When such a run last was complete, in seconds since 1970: now, or what the file of the run before says; 0 for never. */
export async function keepSuccess(file: string, { state, finishedAt }: RunReport): Promise<number> {
  if (state === "complete") return Date.parse(finishedAt) / 1000;
  const [, seconds] =
    /^milvus_backup_last_success_timestamp_seconds\{.*\} (\d+(?:\.\d+)?)$/m.exec(await readText(file)) ?? [];
  return seconds === undefined ? 0 : Number(seconds);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return ""; // the first run
    throw error;
  }
}
