import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "./workspace.ts";

/** A second backup in `disk`, the first one's files under another name: for tests that damage it. */
export async function copyBackup({ disk }: Workspace, backup: string, name: string): Promise<string> {
  await cp(join(disk, backup), join(disk, name), { recursive: true });
  return join(disk, name);
}

/** Replaces a text wherever one of a backup's meta files has it; it must be there. */
export async function editMeta(
  directory: string,
  file: string,
  edit: readonly [from: string, to: string],
): Promise<void> {
  const path = join(directory, "meta", file);
  const text = await readFile(path, "utf8");
  if (!text.includes(edit[0])) throw new Error(`There is no ${edit[0]} in ${file}`);
  await writeFile(path, text.replaceAll(...edit));
}
