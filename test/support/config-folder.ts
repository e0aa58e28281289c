import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type LoadedConfig, loadConfig, type LoadOptions } from "../../src/config/load-config.ts";
import { isBackupError } from "../../src/core/errors.ts";
import type { BackupError } from "../../src/core/errors.ts";

/** A folder of configuration files in the system's temporary directory. */
export interface ConfigFolder extends AsyncDisposable {
  readonly path: string;
  /** Loads what is in it, as the tool would; loadError gives the error back, so that a test can look at it. */
  load(options?: Partial<LoadOptions>): Promise<LoadedConfig>;
  loadError(options?: Partial<LoadOptions>): Promise<BackupError>;
}

export const storagePlugins: LoadOptions["storagePlugins"] = {
  local: async () => (await import("../../plugins/storage-local/index.ts")).local,
  memory: async () => (await import("../../plugins/storage-memory/index.ts")).memory,
};

export const hookPlugins: LoadOptions["hookPlugins"] = {
  command: async () => (await import("../../plugins/hook-command/index.ts")).command,
  http: async () => (await import("../../plugins/hook-http/index.ts")).http,
};

export const modules: LoadOptions["modules"] = {
  "milvus-backup": () => import("../../src/index.ts"),
  "milvus-backup/plugin": () => import("../../src/plugin.ts"),
};

/** Text is written as it is, anything else as JSON. */
export async function createConfigFolder(files: Readonly<Record<string, unknown>>): Promise<ConfigFolder> {
  const path = await mkdtemp(join(tmpdir(), "milvus-backup-config-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  const load: ConfigFolder["load"] = (options) =>
    loadConfig({ cwd: path, env: {}, storagePlugins, hookPlugins, observerPlugins: {}, modules, ...options });
  return {
    path,
    load,
    loadError: async (options) => {
      try {
        await load(options);
      } catch (error) {
        if (isBackupError(error)) return error;
        throw error;
      }
      throw new Error("The config was accepted");
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}

/** The least that a config needs, without policies. */
export const minimalConfig = {
  version: 1,
  sources: { prod: { address: "localhost:19530", storage: "data" } },
  storages: { data: { type: "local", path: "/data" }, nas: { type: "local", path: "/nas" } },
};

export const minimalPolicy = { source: "prod", targets: [{ storage: "nas" }] };
