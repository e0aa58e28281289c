import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { formatYaml, schemaLine } from "../config/format-yaml.ts";
import { convertGoSettings, type ImportedConfig } from "../config/go-tool/convert.ts";
import { readGoSettings } from "../config/go-tool/settings.ts";
import { invalidConfig } from "../config/problem.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import type { Caller } from "./caller.ts";
import type { NewConfig } from "./write-config.ts";
import { writeConfig } from "./write-config.ts";

/** The name of the policy that is made: it backs up everything, as the Go tool does. */
export const IMPORTED_POLICY = "nightly";

/** What becomes of the Go tool's file and its variables; "not-found", "invalid" or "refused" when nothing does. */
export async function importConfig(file: string, { cwd, env }: Caller): Promise<ImportedConfig> {
  const path = resolve(cwd, file);
  const settings = readGoSettings(path, await readText(path, file), env);
  if ("problems" in settings) throw invalidConfig(settings.problems, cwd);
  return convertGoSettings(settings);
}

async function readText(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause) || cause.name === "NotCapable") throw cause;
    throw new BackupError(cause.code === "ENOENT" ? "not-found" : "failed", `Cannot read ${file}`, {
      cause,
      hint: "name the file that the Go tool is given with --config",
    });
  }
}

/** Writes it into a folder, or only looks whether it could be. */
export async function writeImported(
  { config, policy, variables }: ImportedConfig,
  { file, out }: { readonly file: string; readonly out: string | undefined },
  caller: Caller,
): Promise<void> {
  const made = `# Made by milvus-backup config import from ${basename(file)} of the Go tool.\n`;
  const secrets = variables.map(({ name, from }) => `# ${name} holds the secret of ${from}.\n`).join("");
  const files: NewConfig = {
    format: "yaml",
    config: `${schemaLine("config")}${made}${secrets}${formatYaml(config)}`,
    policy: { name: IMPORTED_POLICY, text: `${schemaLine("policy")}${made}${formatYaml(policy)}` },
  };
  try {
    if (out === undefined) await tryConfig(caller, files);
    else await writeConfig(caller, out, files);
  } catch (error) {
    if (!isBackupError(error) || error.code !== "invalid") throw error;
    throw new BackupError("invalid", `Cannot import ${file}: what comes of it is not valid`, {
      cause: error,
      hint: "change it in that file, or in the variables over it",
    });
  }
}

async function tryConfig(caller: Caller, files: NewConfig): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "milvus-backup-import-"));
  try {
    await writeConfig(caller, folder, files);
  } finally {
    await rm(folder, { recursive: true });
  }
}
