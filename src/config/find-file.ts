import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { cosmiconfig } from "cosmiconfig";
import { BackupError } from "../core/errors.ts";
import { CONFIG_EXTENSIONS, PACKAGE_KEY } from "./load-file.ts";

/** The absolute path of the config: the one given, else the nearest from the folder up to the project's root. */
export async function findConfigFile(cwd: string, configPath: string | undefined): Promise<string> {
  if (configPath === undefined) return searchUpward(cwd);
  const path = resolve(cwd, configPath);
  try {
    await stat(path);
  } catch (cause) {
    throw new BackupError("not-found", `Cannot find the config file ${configPath}`, { cause });
  }
  return path;
}

/** Only finds: cosmiconfig's own loaders know neither our modules nor positions. */
async function searchUpward(cwd: string): Promise<string> {
  const found = await cosmiconfig("milvus-backup", {
    packageProp: PACKAGE_KEY,
    searchPlaces: [...CONFIG_EXTENSIONS.map((ext) => `milvus-backup.config${ext}`), ".milvus-backuprc", "package.json"],
    searchStrategy: "project",
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: { ...Object.fromEntries(CONFIG_EXTENSIONS.map((ext) => [ext, recognize])), noExt: recognize },
  }).search(cwd);
  if (found !== null) return found.filepath;
  throw new BackupError("not-found", `There is no milvus-backup.config in ${cwd} or above it`, {
    hint: "milvus-backup init makes one; else name one with --config, or give --source, --source-storage and --target",
  });
}

function recognize(path: string, text: string): unknown {
  if (basename(path) !== "package.json") return {};
  try {
    return JSON.parse(text);
  } catch {
    return {}; // a broken package.json is no config of ours
  }
}
