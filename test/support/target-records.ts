import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { contentsOf } from "./storage-content.ts";

/** What every run leaves in its targets besides backups: its record, the number of its policy's lock, given back, and room for deletions. */
const RECORDS = [".milvus-backup/history/runs/", ".milvus-backup/locks/p/", ".milvus-backup/reserve"];

/** The keys but for those, for tests that look at all that is in a target. */
export function withoutRecords(keys: readonly string[]): readonly string[] {
  return keys.filter((key) => !RECORDS.some((prefix) => key.startsWith(prefix)));
}

/** What is in a target besides them, by its keys. */
export async function contentsWithoutRecords(storage: Storage, prefix = ""): Promise<Readonly<Record<string, string>>> {
  const contents = await contentsOf(storage, prefix);
  return Object.fromEntries(withoutRecords(Object.keys(contents)).map((key) => [key, contents[key] ?? ""]));
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
