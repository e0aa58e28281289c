import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isBackupName } from "../../src/format/backup-name.ts";
import type { TwoTargets } from "./two-targets.ts";

/** The policy of that place, with this retention from now on. */
export async function setPolicy({ path }: TwoTargets, part: object): Promise<void> {
  const file = join(path, "milvus-backup.config.json");
  const config = JSON.parse(await readFile(file, "utf8")) as { readonly policies: { readonly nightly: object } }; // as it was written
  const policies = { ...config.policies, nightly: { ...config.policies.nightly, ...part } };
  await writeFile(file, JSON.stringify({ ...config, policies }));
}

/** The names of what is in a directory of backups. */
export async function backupsIn({ path }: TwoTargets, directory: string): Promise<readonly string[]> {
  return (await readdir(join(path, directory))).filter(isBackupName).toSorted();
}

/** What was recorded of deletions there. */
export async function deletionsIn({ path }: TwoTargets, directory: string): Promise<readonly unknown[]> {
  const folder = join(path, directory, ".milvus-backup/history/deletions");
  const names = (await readdir(folder)).toSorted();
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as unknown));
}
