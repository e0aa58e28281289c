import { dirname } from "node:path";
import type { Config } from "../core/contracts/config.ts";
import { type CheckedFile, checkFile } from "./check-file.ts";
import { checkHooks, type HookPlugins } from "./check-hooks.ts";
import { checkConfigNames, findNames, type KnownNames } from "./check-references.ts";
import { findConfigFile } from "./find-file.ts";
import { loadFile } from "./load-file.ts";
import { createModuleLoader, type VirtualModules } from "./load-module.ts";
import { type BuiltinPlugins, loadPlugins, type ObserverSettings } from "./load-plugins.ts";
import { loadPolicies } from "./load-policies.ts";
import { valueAt } from "./map-data.ts";
import { invalidConfig, type Problem } from "./problem.ts";
import { resolveConfig, type ResolvedConfig } from "./resolve.ts";
import { configSchema, type ParsedConfig } from "./schema/config.ts";
import { createSecretStore, type SecretStore } from "./secrets.ts";
import { checkPluginOptions, findPlugin, pluginOptions, type StoragePlugins } from "./storage-options.ts";
import type { Environment } from "./variables.ts";

export interface LoadOptions extends BuiltinPlugins {
  readonly cwd: string;
  /** Given with `--config`, relative to cwd; without it the config is looked for. */
  readonly configPath?: string | undefined;
  readonly env: Environment;
  readonly modules: VirtualModules;
  readonly signal?: AbortSignal | undefined;
}

export interface LoadedConfig extends ResolvedConfig {
  /** Absolute; undefined when there is no config file. */
  readonly path: string | undefined;
  readonly secrets: SecretStore;
  /** The config's folder, absolute; the working directory when there is no config. */
  readonly directory: string;
  readonly env: Environment;
  /** The tool's own, and those of the config. */
  readonly storagePlugins: StoragePlugins;
  readonly hookPlugins: HookPlugins;
  readonly observers: readonly ObserverSettings[];
}

/**
 * Finds, reads and checks the config and its policies, without a network and without a secret. BackupError "not-found"
 * when there is no config, "invalid" with every problem there is.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { cwd, env } = options;
  const path = await findConfigFile(cwd, options.configPath);
  const directory = dirname(path);
  const loadModule = createModuleLoader({ ...options.modules, zod: () => import("zod") });
  const load = (file: string): ReturnType<typeof loadFile> => {
    options.signal?.throwIfAborted();
    return loadFile(file, loadModule);
  };
  const config = checkFile(await load(path), configSchema, env);
  const plugins = await loadPlugins(config, { directory, builtins: options, loadModule });
  const names = findNames(config.data, Object.keys(plugins.storages));
  const policies = await loadPolicies(config, { directory, names, env, hookPlugins: plugins.hooks, load });
  const problems = [
    ...config.problems,
    ...plugins.problems,
    ...checkConfigNames(config, names),
    ...(await checkStorages(config, names, plugins.storages)),
    ...(await checkOwnHooks(config, plugins.hooks)),
    ...policies.problems,
  ];
  if (config.value === undefined || problems.length > 0) throw invalidConfig(problems, cwd);
  const resolved = resolveConfig(config.value, policies.policies, directory);
  const { storages: storagePlugins, hooks: hookPlugins, observers } = plugins;
  const secrets = createSecretStore({ directory, env });
  return { ...resolved, path, directory, env, storagePlugins, hookPlugins, observers, secrets };
}

/** A config without a file, for commands that get all they need from flags. */
export function emptyConfig(options: Pick<LoadOptions, "cwd" | "env" | "storagePlugins">): LoadedConfig {
  const config = configSchema.parse({ version: 1, sources: {}, storages: {} } satisfies Config);
  const { cwd: directory, env, storagePlugins } = options;
  const resolved = resolveConfig(config, new Map(), directory);
  const secrets = createSecretStore({ directory, env });
  return { ...resolved, path: undefined, directory, env, storagePlugins, hookPlugins: {}, observers: [], secrets };
}

/** Of the policies in the config itself. */
async function checkOwnHooks(config: CheckedFile<ParsedConfig>, plugins: HookPlugins): Promise<readonly Problem[]> {
  const names = Object.keys(valueAt(config.data, ["policies"]) ?? {});
  return (await Promise.all(names.map((name) => checkHooks(config, plugins, ["policies", name])))).flat();
}

async function checkStorages(
  { file, data }: CheckedFile<ParsedConfig>,
  { storages }: KnownNames,
  plugins: StoragePlugins,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const name of storages) {
    const path = ["storages", name];
    const storage = valueAt(data, path);
    const type = valueAt(storage, ["type"]);
    const plugin = typeof type === "string" ? await findPlugin(plugins, type) : undefined;
    if (plugin === undefined || typeof storage !== "object" || storage === null) continue; // told elsewhere
    const found = await checkPluginOptions(plugin, pluginOptions(storage), valueAt(file.data, path));
    problems.push(...found.map((problem) => file.problemAt([...path, ...problem.path], problem.message, problem.part)));
  }
  return problems;
}
