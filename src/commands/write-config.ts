import { readdir } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import type { LoadedConfig } from "../config/load-config.ts";
import { alreadyThere, writeNewFiles } from "../io/write-new-files.ts";
import type { Caller } from "./caller.ts";
import { loadWorkspace } from "./workspace.ts";

/** A config and a policy, as texts. */
export interface NewConfig {
  readonly format: "yaml" | "ts";
  readonly config: string;
  readonly policy: { readonly name: string; readonly text: string };
}

/** The names of the files that a new config is in, by the folder that it is written to. */
export function filesOf({ format, config, policy }: NewConfig): ReadonlyMap<string, string> {
  return new Map([
    [`milvus-backup.config.${format}`, config],
    [`policies/${policy.name}.${format}`, policy.text],
  ]);
}

/**
 * Writes a config that is not there yet, and reads it as every command will: all of it is written, or nothing.
 * BackupError "refused" when there is one already, "invalid" when it is not right.
 */
export async function writeConfig(caller: Caller, folder: string, written: NewConfig): Promise<LoadedConfig> {
  const directory = resolve(caller.cwd, folder);
  const files = filesOf(written);
  await refuseOther(directory, files);
  const { undo } = await writeNewFiles(directory, files);
  try {
    const env = { ...caller.env, MILVUS_BACKUP_ENV: undefined }; // its overlay is of no config that is new
    const config = join(directory, `milvus-backup.config.${written.format}`);
    return await loadWorkspace({ ...caller, cwd: directory, env }, { config });
  } catch (error) {
    await undo();
    throw error;
  }
}

/** A config in another language would be found in place of the new one, or beside it. */
async function refuseOther(directory: string, files: ReadonlyMap<string, string>): Promise<void> {
  const names = new Set([...files.keys()].map(withoutExtension));
  for (const folder of ["", "policies"]) {
    const there = (await listFolder(join(directory, folder))).map((name) => join(folder, name));
    const other = there.find((name) => names.has(withoutExtension(name)) || name === ".milvus-backuprc");
    if (other !== undefined) throw alreadyThere(join(directory, other));
  }
}

function withoutExtension(name: string): string {
  return name.slice(0, name.length - extname(basename(name)).length);
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
