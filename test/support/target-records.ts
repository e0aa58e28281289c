import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";

/** What every run leaves in its targets besides backups: its record, and the number of its policy's lock, given back. */
const RECORDS = [".milvus-backup/history/runs/", ".milvus-backup/locks/p/"];

/** The keys but for those, for tests that look at all that is in a target. */
export function withoutRecords(keys: readonly string[]): readonly string[] {
  return keys.filter((key) => !RECORDS.some((prefix) => key.startsWith(prefix)));
}

/** All files of a target in a directory but for those, by their keys. */
export async function filesOf(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return withoutRecords(files.map((entry) => relative(directory, join(entry.parentPath, entry.name)))).toSorted();
}

/** What stands at the top of it. */
export async function topOf(directory: string): Promise<readonly string[]> {
  return [...new Set((await filesOf(directory)).map((key) => key.split("/")[0] ?? ""))];
}
