import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { LoadedConfig } from "../config/load-config.ts";
import { CONFIG_EXTENSIONS } from "../config/load-file.ts";
import { alreadyThere, writeNewFiles } from "../io/write-new-files.ts";
import type { Caller } from "./caller.ts";
import { loadWorkspace } from "./workspace.ts";

/** A config and a policy, as texts. */
export interface NewConfig {
  readonly format: "yaml" | "ts";
  readonly config: string;
  readonly policy: { readonly name: string; readonly text: string };
}

const CONFIG_STEM = "milvus-backup.config";

/**
 * Writes a config that is not there yet, and reads it as every command will: all of it is written, or nothing.
 * BackupError "refused" when there is one already, "invalid" when it is not right.
 */
export async function writeConfig(caller: Caller, folder: string, written: NewConfig): Promise<LoadedConfig> {
  const directory = resolve(caller.cwd, folder);
  const { format, policy } = written;
  await refuseTaken(directory, policy.name);
  const { undo } = await writeNewFiles(
    directory,
    new Map([
      [`${CONFIG_STEM}.${format}`, written.config],
      [`policies/${policy.name}.${format}`, policy.text],
    ]),
  );
  try {
    const env = { ...caller.env, MILVUS_BACKUP_ENV: undefined }; // its overlay is of no config that is new
    const config = join(directory, `${CONFIG_STEM}.${format}`);
    return await loadWorkspace({ ...caller, cwd: directory, env }, { config });
  } catch (error) {
    await undo();
    throw error;
  }
}

/** BackupError "refused" when the folder has a config, or that policy, in whichever language. */
export async function refuseTaken(directory: string, policy?: string): Promise<void> {
  const stems = [CONFIG_STEM, ...(policy === undefined ? [] : [`policies/${policy}`])];
  const taken = new Set(stems.flatMap((stem) => CONFIG_EXTENSIONS.map((extension) => stem + extension)));
  for (const folder of ["", "policies/"]) {
    const names = (await listFolder(join(directory, folder))).map((name) => folder + name);
    const other = names.find((name) => taken.has(name) || name === ".milvus-backuprc");
    if (other !== undefined) throw alreadyThere(join(directory, other));
  }
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
